"""One setting, all contenders: they take turns, and each is compared within its round."""

import ctypes
import gc
import platform
import re
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from grading.course import Course
from peers import HEADS, PEERS, WIDTH, Call, Peer, Setting, our_layer, ours

SIDE = 1024  # of the square matrices whose product shows the machine's sgemm peak
LEAST, MOST, SECONDS = 7, 15, 10  # rounds of a setting: as many as fit in the time
MIB = 1 << 20


@dataclass(frozen=True)
class Result:
    """What a setting gave. seconds: CPU seconds of each contender, round by round."""

    setting: Setting
    seconds: dict[str, list[float]]
    extra_mib: dict[str, float]  # resident memory that the first call took beyond what there was
    workspace_mib: float  # ours, by tracemalloc: everything but the output

    def ratio(self, peer: Peer) -> float | None:
        """The peer's time over ours: above 1, we are faster. None if it took no part."""
        if peer.name not in self.seconds:
            return None
        pairs = zip(self.seconds[peer.name], self.seconds[peer.against], strict=True)
        return median(theirs / our for theirs, our in pairs)

    @property
    def share(self) -> float:
        """Our useful operations a second, in percent of what sgemm does in the same round."""
        useful = 4 * HEADS * WIDTH * self.setting.pairs  # two products, a multiplication and a sum
        return 100 * useful / (2 * SIDE**3) / self.in_products

    @property
    def in_products(self) -> float:
        """Our time in units of the sgemm of its round: a machine's slow minutes cancel."""
        rounds = zip(self.seconds["ours"], self.seconds["sgemm"], strict=True)
        return median(our / sgemm for our, sgemm in rounds)

    @property
    def milliseconds(self) -> float:
        return 1000 * median(self.seconds["ours"])


def race(setting: Setting, course: Course) -> Result:
    """Run everybody who can do the setting. Raises AssertionError where outputs differ."""
    QKV, square = setting.arrays(), np.random.default_rng(1).random((SIDE, SIDE), np.float32)
    taking_part = list(_calls(setting, course, QKV))
    calls: dict[str, Call] = {"sgemm": lambda: square @ square}
    calls["ours"] = ours(course, setting, QKV, setting.w)
    calls["ours, w + 1"] = ours(course, setting, QKV, setting.w + 1)
    calls["our layer"] = our_layer(course, setting, QKV)
    needed = {"sgemm", "ours", *(peer.against for peer, _ in taking_part)}
    calls = {name: call for name, call in calls.items() if name in needed}
    calls |= {peer.name: call for peer, call in taking_part}

    extra, outputs = {}, {}
    for name, call in calls.items():
        extra[name], outputs[name] = _first_call(call)
    for peer, _ in taking_part:
        if peer.same_output:
            expected = np.reshape(outputs[peer.against], np.shape(outputs[peer.name]))
            np.testing.assert_allclose(outputs[peer.name], expected, atol=1e-4, err_msg=peer.name)
    del outputs
    return Result(setting, _take_turns(calls), extra, _workspace(calls["ours"]))


def two_threads(course: Course, setting: Setting) -> float:
    """How many times as fast, on the wall clock, as with one thread."""
    QKV, ratios = setting.arrays(), []
    one, two = (ours(course, setting, QKV, setting.w, threads) for threads in (1, 2))
    for _ in range(MOST):
        ratios.append(_time(one, time.perf_counter) / _time(two, time.perf_counter))
    return median(ratios)


def _calls(setting: Setting, course: Course, QKV: list[np.ndarray]) -> Iterator[tuple[Peer, Call]]:
    for peer in PEERS:
        call = peer.prepare(course, setting, QKV) if peer.is_installed else None
        if call is not None:
            yield peer, call


def _take_turns(calls: dict[str, Call]) -> dict[str, list[float]]:
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    begun, rounds = time.monotonic(), 0
    while rounds < LEAST or (rounds < MOST and time.monotonic() - begun < SECONDS):
        for name, call in calls.items():
            seconds[name].append(_time(call, time.process_time))
        rounds += 1
    return seconds


def _time(call: Call, clock: Any) -> float:
    begun = clock()
    call()
    return clock() - begun


def _workspace(call: Call) -> float:
    tracemalloc.start()
    output = call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return (peak - output.nbytes) / MIB


def _first_call(call: Call) -> tuple[float, Any]:
    """Its highest resident memory in MiB beyond that before it; NaN without Linux and glibc."""
    peak, reset = Path("/proc/self/status"), Path("/proc/self/clear_refs")
    if platform.libc_ver()[0] != "glibc" or not reset.exists():
        return float("nan"), call()
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    reset.write_text("5")  # forgets the peak so far
    before = _resident(peak, "VmRSS")
    output = call()
    return _resident(peak, "VmHWM") - before, output


def _resident(status: Path, what: str) -> float:
    found = re.search(rf"{what}:\s+(\d+) kB", status.read_text("ascii"))
    assert found is not None
    return int(found[1]) / 1024
