"""Races linear-time attention against its peers, and says which goals it reaches.

    uv run python benchmarks/attention.py [--quick] [--json FILE]

CPU time of one thread; ratios are medians over rounds in which all contenders take turns. float32,
8 heads of 64. Prints the tables of docs/linear_time_measured.md. Peers that are not installed are
left out.
"""

import argparse
import json
import os
import platform
import sys
import warnings
from dataclasses import asdict
from itertools import product
from pathlib import Path

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"  # before anything loads a BLAS

import numpy as np  # noqa: E402

from goals import GOALS, exponents  # noqa: E402
from memory import keep_freed_memory  # noqa: E402
from peers import PEERS, Setting  # noqa: E402
from race import SIDE, Result, race, two_threads  # noqa: E402

LENGTHS, WINDOWS, GLOBALS = (1024, 4096, 16384, 65536), (64, 256, 1024), (0, 2, 16)
QUICK = [Setting(n, w, g) for n, w, g in ((1024, 256, 0), (4096, 256, 0), (4096, 256, 2))]
THREADED = Setting(16384, 256, 0)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="three settings, two minutes")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write all times there")
    options = parser.parse_args()
    settings = (
        QUICK
        if options.quick
        else [Setting(n, w, g) for w, g, n in product(WINDOWS, GLOBALS, LENGTHS)]
    )
    keep_freed_memory()
    _steady_torch()
    results = []
    for setting in settings:
        results.append(race(setting))
        print(f"{setting} done", file=sys.stderr, flush=True)
        if options.json:
            options.json.write_text(json.dumps([asdict(r) for r in results], indent=1))
    threads = two_threads(THREADED)
    for table in (_machine(results), _times(results), _memory(results), _goals(results, threads)):
        print("\n".join(table), end="\n\n")


def _steady_torch() -> None:
    warnings.filterwarnings("ignore")  # of deprecations inside the peers
    if "torch" in {peer.library for peer in PEERS if peer.is_installed}:
        import torch

        torch.set_num_threads(1)
        torch.set_grad_enabled(False)
        torch._dynamo.config.recompile_limit = 64  # one graph for each setting


def _machine(results: list[Result]) -> list[str]:
    lines = [f"Python {platform.python_version()}, NumPy {np.__version__}, {platform.platform()}"]
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        text = cpuinfo.read_text("utf-8")
        names = [line.split(": ")[1] for line in text.splitlines() if "model name" in line]
        name = names[0] if names else "an unnamed processor"
        lines.append(f"{os.cpu_count()} cores of {name}; load {os.getloadavg()[0]:.1f} at the end")
    try:
        from threadpoolctl import threadpool_info

        lines += [
            f"{pool['internal_api']} {pool['version']}, kernel {pool.get('architecture')}, "
            f"{pool['num_threads']} thread"
            for pool in threadpool_info()
            if pool["user_api"] == "blas"
        ]
    except ImportError:
        lines.append("(which BLAS kernel: install threadpoolctl to see)")
    peak = np.median([2 * SIDE**3 / s / 1e9 for r in results for s in r.seconds["sgemm"]])
    lines.append(f"sgemm: {peak:.0f} billion operations a second")
    lines += [f"{peer.name}: {peer.library} is missing" for peer in PEERS if not peer.is_installed]
    return [f"- {line}" for line in lines]


def _times(results: list[Result]) -> list[str]:
    peers = [peer for peer in PEERS if any(peer.name in r.seconds for r in results)]
    head = ["n", "w", "g", "ours, ms", "% of sgemm", *(peer.name for peer in peers)]
    rows = [
        [
            *(f"{size:,}" for size in (r.setting.n, r.setting.w, r.setting.g)),
            f"{r.milliseconds:,.1f}",
            f"{r.share:.0f}",
            *(_number(r.ratio(peer)) for peer in peers),
        ]
        for r in results
    ]
    return [
        *_table(head, rows),
        "",
        *_table(
            ["w", "g", "exponent"], [[f"{w}", f"{g}", f"{b:.3f}"] for w, g, b in exponents(results)]
        ),
    ]


def _memory(results: list[Result]) -> list[str]:
    names = ["ours", *(peer.name for peer in PEERS)]
    some = [r for r in results if (r.setting.w, r.setting.g) == (256, 0)]
    rows = [[f"{r.setting.n:,}", *(_number(r.extra_mib.get(name)) for name in names)] for r in some]
    return _table(["n", *names], rows)


def _goals(results: list[Result], threads: float) -> list[str]:
    verdicts = [(goal.what, goal.bound, goal.more, goal.worst(results)) for goal in GOALS]
    slopes = [(slope, f"w = {w:,}, g = {g}") for w, g, slope in exponents(results)]
    verdicts.append(("exponent in n, from 4096", 1.05, False, max(slopes, default=None)))
    where = f"n = {THREADED.n:,}, w = {THREADED.w}, g = {THREADED.g}"
    verdicts.append(("two threads, times as fast as one by the clock", 1.6, True, (threads, where)))
    rows = []
    for what, bound, more, worst in verdicts:
        asked = f"{'at least' if more else 'at most'} {bound}"
        if worst is None:
            rows.append([what, asked, "", "", "not measured"])
        else:
            figure, setting = worst
            reached = figure >= bound if more else figure <= bound
            told = "reached" if reached else "missed"
            rows.append([what, asked, f"{figure:.2f}", setting, told])
    return _table(["goal", "asked", "worst figure", "at", ""], rows)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.1f}" if value < 100 else f"{value:,.0f}"


def _table(head: list[str], rows: list[list[str]]) -> list[str]:
    lines = [head, ["---:"] * len(head), *rows]
    return [f"| {' | '.join(line)} |" for line in lines]


if __name__ == "__main__":
    main()
