"""Which ratios of the measured times are told, and what is wanted of each."""

from __future__ import annotations

from dataclasses import dataclass

SMALL, MIDDLE, LARGE, DRAM = 1_000, 100_000, 1_000_000, 10_000_000


@dataclass(frozen=True)
class Goal:
    """`over`'s time divided by `under`'s, wanted at least, or at most, for float32 and float64 at each size."""

    title: str
    over: str
    under: str
    wanted: dict[int, tuple[float, float]]
    at_most: bool = False

    def met(self, value: float, size: int, double: bool) -> bool:
        wanted = self.wanted[size][double]
        return value <= wanted if self.at_most else value >= wanted

    def words(self, size: int) -> str:
        low, high = self.wanted[size]
        return f"{'≤' if self.at_most else '≥'} {low:g}" + (f" / {high:g}" if high != low else "")


def _all(wanted: float) -> dict[int, tuple[float, float]]:
    return dict.fromkeys((SMALL, MIDDLE, LARGE, DRAM), (wanted, wanted))


_BY_HAND = {SMALL: (0.9, 0.9), MIDDLE: (0.97, 0.97), LARGE: (0.97, 0.97), DRAM: (0.97, 0.97)}
_SHARE = "share of the memory's speed: fuse numba, "

GOALS = (
    Goal("torch RMSprop(foreach=False) / fuse numpy", "rmsprop: torch, foreach=False", "rmsprop: fuse numpy",
         {SMALL: (6, 5), MIDDLE: (1.3, 1.0), DRAM: (1.9, 1.5)}),
    Goal("Numba by hand / fuse numba, RMSProp", "rmsprop: Numba by hand", "rmsprop: fuse numba", _BY_HAND),
    Goal("Numba by hand / fuse numba, Adam", "adam: Numba by hand", "adam: fuse numba", _BY_HAND),
    Goal("by hand with folded divisions / fuse numba, exact=False, Adam", "adam: Numba by hand, folded",
         "adam: fuse numba, exact=False", _BY_HAND),
    Goal("torch.compile / fuse numba, RMSProp", "rmsprop: torch.compile", "rmsprop: fuse numba", _all(1.0)),
    Goal("optax jit / fuse numba, RMSProp", "rmsprop: optax, jit", "rmsprop: fuse numba", _all(1.0)),
    Goal("optax jit / fuse numba, Adam", "adam: optax, jit", "adam: fuse numba", _all(1.0)),
    Goal("torch fused Adam / fuse numba, Adam", "adam: torch, fused", "adam: fuse numba", _all(1.0)),
    Goal("torch fused Adam / fuse numba, exact=False", "adam: torch, fused", "adam: fuse numba, exact=False",
         _all(1.0)),
    Goal(f"{_SHARE}RMSProp", "rmsprop: memory alone", "rmsprop: fuse numba", {DRAM: (0.9, 0.85)}),
    Goal(f"{_SHARE}Adam", "adam: memory alone", "adam: fuse numba", {DRAM: (0.85, 0.8)}),
    Goal(f"{_SHARE}Adam, exact=False", "adam: memory alone", "adam: fuse numba, exact=False", {DRAM: (0.85, 0.8)}),
    Goal("like torch: step / fuse numpy", "like torch: step", "like torch: fuse numpy", _all(1.0)),
    Goal("like torch / RMSProp, fuse numba", "like torch: fuse numba", "rmsprop: fuse numba", _all(1.3), at_most=True),
)  # fmt: skip
# Other work: what is wanted, and whether that is the most or the least.
OTHER = {
    "2-D step over its rule": (1.3, "≤"),
    "run, a step of a 2-D problem over a bare loop": (1.3, "≤"),
    "loop of 200 runs in plain NumPy / sweep": (30, "≥"),
    "gradient of a network over plain NumPy": (1.3, "≤"),
    "torch / gradient of a network": (0.8, "≥"),
    "400 short runs on 4 Dask workers, seconds more": (0.1, "≤"),
    "import rmsprop_lib over NumPy, ms": (40, "≤"),
}
