"""What linear-time attention must reach, and whether it does."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from peers import PEERS
from race import Result

PEER = {peer.name: peer for peer in PEERS}
MASKED, COMPILED = PEER["SDPA, mask"], PEER["flex_attention, compiled"]
LOCAL, LAYER = PEER["local-attention"], PEER["Longformer layer"]


@dataclass(frozen=True)
class Goal:
    """At least so much (at most, if not `more`), in every setting that `where` holds for."""

    what: str
    bound: float
    of: Callable[[Result], float | None]
    where: Callable[[int, int, int], bool]  # of n, w and g
    more: bool = True

    def worst(self, results: list[Result]) -> tuple[float, str] | None:
        """The worst figure and its setting; None if there is none to judge by."""
        figures = []
        for result in results:
            n, w, g = result.setting.n, result.setting.w, result.setting.g
            figure = self.of(result) if self.where(n, w, g) else None
            if figure is not None:
                figures.append((figure, f"n = {n:,}, w = {w:,}, g = {g}"))
        return (min if self.more else max)(figures, default=None)


def _masked(n: int, bound: float) -> Goal:
    return Goal(
        f"SDPA with a mask / ours, w = 256, n = {n}",
        bound,
        lambda result: result.ratio(MASKED),
        lambda length, w, g: (length, w, g) == (n, 256, 0),
    )


def _compiled(g: int, bound: float) -> Goal:
    return Goal(
        f"compiled flex_attention / ours, n from 4096, g = {g}",
        bound,
        lambda result: result.ratio(COMPILED),
        lambda n, w, count: n >= 4096 and count == g,
    )


def _share(w: int, bound: float) -> Goal:
    return Goal(
        f"percent of the sgemm peak, n from 4096, w = {w}, g = 0",
        bound,
        lambda result: result.share,
        lambda n, window, g: n >= 4096 and window == w and g == 0,
    )


GOALS = (
    *(_masked(n, bound) for n, bound in ((1024, 2), (4096, 8), (16384, 20))),
    *(_compiled(g, bound) for g, bound in ((0, 1.8), (2, 4), (16, 12))),
    Goal(
        "local-attention / ours, n from 4096",
        2.5,
        lambda result: result.ratio(LOCAL),
        lambda n, w, g: n >= 4096,
    ),
    Goal(
        "Longformer layer / ours, n from 4096 to 16384, w from 256",
        1.5,
        lambda result: result.ratio(LAYER),
        lambda n, w, g: 4096 <= n <= 16384 and w >= 256,
    ),
    *(_share(w, bound) for w, bound in ((64, 18), (256, 36), (1024, 45))),
    Goal(
        "MiB of workspace beyond the output (tracemalloc)",
        16,
        lambda result: result.workspace_mib,
        lambda n, w, g: True,
        more=False,
    ),
)


def exponents(results: list[Result]) -> Iterator[tuple[int, int, float]]:
    """w, g and b, where our time grows as n ** b from n = 4096 on: the slope on log axes.

    The time is in sgemms of the same round, as the machine may be slower in some minutes.
    """
    patterns = dict.fromkeys((r.setting.w, r.setting.g) for r in results)
    for w, g in patterns:
        times = {
            r.setting.n: r.in_products
            for r in results
            if (r.setting.w, r.setting.g) == (w, g) and r.setting.n >= 4096
        }
        if len(times) > 1:
            slope, _ = np.polyfit(np.log(list(times)), np.log(list(times.values())), 1)
            yield w, g, float(slope)
