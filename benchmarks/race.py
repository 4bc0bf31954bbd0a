"""One setting, all contenders: they take turns, and each is compared within its round."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

from memory import memory_of_first_call, workspace
from peers import HEADS, PEERS, WIDTH, Call, Peer, Setting, our_layer, ours

SIDE = 1024  # of the square matrices whose product shows the machine's sgemm peak
LEAST, MOST, SECONDS = 7, 15, 10  # rounds of a setting: as many as fit in the time


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


def race(setting: Setting) -> Result:
    """Run everybody who can do the setting. Raises AssertionError where outputs differ."""
    QKV, square = setting.arrays(), np.random.default_rng(1).random((SIDE, SIDE), np.float32)
    taking_part = list(_calls(setting, QKV))
    calls: dict[str, Call] = {"sgemm": lambda: square @ square}
    calls["ours"] = ours(setting, QKV, setting.w)
    calls["ours, w + 1"] = ours(setting, QKV, setting.w + 1)
    calls["our layer"] = our_layer(setting, QKV)
    needed = {"sgemm", "ours", *(peer.against for peer, _ in taking_part)}
    calls = {name: call for name, call in calls.items() if name in needed}
    calls |= {peer.name: call for peer, call in taking_part}

    extra, outputs = {}, {}
    for name, call in calls.items():
        extra[name], outputs[name] = memory_of_first_call(call)
    for peer, _ in taking_part:
        if peer.same_output:
            expected = np.reshape(outputs[peer.against], np.shape(outputs[peer.name]))
            np.testing.assert_allclose(outputs[peer.name], expected, atol=1e-4, err_msg=peer.name)
    del outputs
    return Result(setting, _take_turns(calls), extra, workspace(calls["ours"]))


def two_threads(setting: Setting) -> float:
    """How many times as fast, on the wall clock, as with one thread."""
    QKV, ratios = setting.arrays(), []
    one, two = (ours(setting, QKV, setting.w, threads) for threads in (1, 2))
    for _ in range(MOST):
        ratios.append(_time(one, time.perf_counter) / _time(two, time.perf_counter))
    return median(ratios)


def _calls(setting: Setting, QKV: list[np.ndarray]) -> Iterator[tuple[Peer, Call]]:
    for peer in PEERS:
        call = peer.prepare(setting, QKV) if peer.is_installed else None
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
