"""Networks whose measures others have published, and how tests write small ones down."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pytest

from algorithms.network.digraph import Digraph, Floats, digraph_of

DATA: Final = Path(__file__).resolve().parents[2] / "shared" / "data"

# Graphalytics' example graphs (LDBC, Apache-2.0): whom each person points to
LDBC_DIRECTED: Final = """
1 3 5 | 2 4 5 10 | 3 1 5 8 10 | 4 | 5 3 4 8 | 6 3 4 | 7 4 | 8 1 | 9 4 | 10
"""
LDBC_UNDIRECTED: Final = """
2 3 4 | 3 2 4 5 8 | 4 2 3 | 5 3 6 8 | 6 5 7 8 9 10 | 7 6 9 | 8 3 5 6 | 9 6 7 | 10 6
"""

# its directed graph of 50, on which PageRank is given after 26 steps
LDBC_FIFTY: Final = """
1 19 21 22 27 31 37 45 48 | 2 3 20 39 46 | 3 6 10 32 41 45 | 4 15 | 5 15 16 18 28 47 | 6 49 |
7 6 27 43 46 | 8 5 21 29 30 32 43 | 9 16 18 21 28 30 35 40 | 10 9 13 28 29 33 | 11 3 39 |
12 47 50 | 13 7 12 17 32 48 | 14 4 20 21 35 38 40 | 15 8 24 31 35 44 | 16 |
17 5 9 11 16 26 37 | 18 1 12 28 30 44 45 47 50 | 19 10 11 13 27 38 | 20 15 25 |
21 22 27 31 32 40 | 22 19 26 27 31 | 23 22 35 36 38 40 46 47 | 24 9 13 15 34 36 50 |
25 8 24 30 34 41 47 | 26 7 31 37 40 44 47 | 27 31 33 43 | 28 8 32 42 45 |
29 1 2 12 14 16 19 20 36 | 30 9 24 34 44 | 31 11 17 32 39 46 47 | 32 2 28 29 30 31 |
33 7 8 9 10 32 34 37 | 34 26 48 | 35 3 10 17 24 26 28 33 41 | 36 20 21 29 32 46 |
37 1 5 9 13 23 24 | 38 2 22 50 | 39 6 8 20 28 30 47 48 | 40 5 7 8 11 33 34 37 49 | 41 24 43 |
42 | 43 1 2 11 15 17 29 38 47 | 44 11 13 15 | 45 5 11 12 21 24 | 46 23 24 26 31 36 41 |
47 8 14 16 28 29 34 35 40 42 46 50 | 48 8 19 30 35 38 43 50 | 49 7 8 17 18 | 50 4 28 47
"""

# the follower graph of the GDS manual's page on betweenness
FOLLOWERS: Final = """
Alice>Carol Bob>Carol Carol>Dan Carol>Eve Dan>Frank Eve>Frank Frank>Gale
"""

# the eight pages of its page on PageRank, with weights
PAGES: Final = """
Home>About:0.2 Home>Links:0.2 Home>Product:0.6 About>Home:1 Product>Home:1 A>Home:1 B>Home:1
C>Home:1 D>Home:1 Links>Home:0.8 Links>A:0.05 Links>B:0.05 Links>C:0.05 Links>D:0.05
"""


@dataclass(frozen=True)
class Known:
    """A network and what its people are called, in the order of their numbers."""

    names: Sequence[Hashable]
    digraph: Digraph

    def by_name(self, values: npt.NDArray[np.generic]) -> dict[Hashable, float]:
        """Return values by the names of the people."""
        return dict(zip(self.names, values.tolist(), strict=True))

    def top(self, values: npt.NDArray[np.generic], k: int) -> list[tuple[Hashable, float]]:
        """Return the first ``k`` by value, ties in the order of numbers."""
        order = np.argsort(-values.astype(np.float64), kind="stable")[:k]
        return [(self.names[place], float(values[place])) for place in order]


def known(
    arcs: Iterable[tuple[Hashable, Hashable]],
    *,
    names: Sequence[Hashable],
    weight: Sequence[float] | None = None,
) -> Known:
    """Return the network of named arcs."""
    place = {name: number for number, name in enumerate(names)}
    ends = np.array([(place[one], place[other]) for one, other in arcs], dtype=np.int64)
    source, target = ends.reshape(-1, 2).T
    return Known(names, digraph_of(source, target, n=len(names), weight=weight))


def ldbc(text: str) -> Known:
    """Return a network that is written as rows of a person and whom the person points to."""
    rows = [[int(word) for word in row.split()] for row in text.split("|")]
    arcs = [(row[0], other) for row in rows for other in row[1:]]
    return known(arcs, names=[row[0] for row in rows])


def written(text: str, *, weighted: bool = False) -> Known:
    """Return a network that is written as ``one>other`` or ``one>other:weight``."""
    parts = [arc.partition(":") for arc in text.split()]
    ends = [(one, other) for one, _, other in (part[0].partition(">") for part in parts)]
    names = sorted({name for pair in ends for name in pair})
    weight = [float(part[2]) for part in parts] if weighted else None
    return known(ends, names=names, weight=weight)


def events(name: str) -> npt.NDArray[np.int64]:
    """Return the rows of a public set of dated messages: who, to whom, when; skip without it."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"the public data set {name} is not beside the repository")
    return np.loadtxt(path, dtype=np.int64)


def network_of_events(rows: npt.NDArray[np.int64]) -> Known:
    """Return who ever wrote to whom; a weight counts messages."""
    names, places = np.unique(rows[:, :2], return_inverse=True)
    source, target = places.reshape(-1, 2).T
    return Known(names.tolist(), digraph_of(source, target, n=len(names)))


def unweighted(digraph: Digraph) -> Digraph:
    """Return the same arcs with weight 1 each."""
    return Digraph(digraph.n, digraph.source, digraph.target, np.ones(digraph.m))


def arcs_of(digraph: Digraph) -> list[tuple[int, int, float]]:
    """Return the arcs in their order."""
    columns = digraph.source.tolist(), digraph.target.tolist(), digraph.weight.tolist()
    return list(zip(*columns, strict=True))


def star(n: int) -> Digraph:
    """Return ``n`` people who all answer person 0, who answers nobody."""
    return digraph_of(np.arange(1, n), np.zeros(n - 1), n=n)


def nobody() -> Digraph:
    """Return a network of no people."""
    return digraph_of([], [], n=0)


def alone() -> Digraph:
    """Return a network of one person."""
    return digraph_of([], [], n=1)


def near(expected: Iterable[float], *, within: float = 1e-9) -> object:
    """Return what an array compares equal with if no value differs by more than ``within``."""
    values: Floats = np.array([*expected], dtype=np.float64)
    return pytest.approx(values, abs=within, rel=0)
