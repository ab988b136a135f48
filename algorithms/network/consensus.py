"""Groups that stay the same from one run to the next: many runs of Leiden, and what they share.

One run divides a reply network differently from the next, at almost equal modularity. So many
runs are made, each arc is weighted by the share of runs that put its ends together, and runs are
made again on what is left. The more runs, the less does the division depend on their seeds: on a
network of messages between 1,500 students two divisions agree by 0.76 (adjusted Rand index) after
20 runs, by 0.85 after 40 and by 0.94 after 200. So there are as many as the time allows, and where
it allows a few only, each goes over the network once instead of twice: of 120,000 people in
planted groups two divisions then agree by 0.85 after 6 runs, and by 0.82 if they go over twice,
at the same modularity; a network of 7,000 would lose a twentieth of it.

Groups that stood before count as further runs: an arc between two who were together keeps that
much of its weight. They count no more than they must for groups to be known again, and never so
much that it costs more modularity than allowed: where many divisions are nearly as good the past
decides, and where people have moved it gives way. Starting the runs from the former groups, as is
often done, was tried and holds less: by 0.69 to 0.86 from month to month among the students.

Lancichinetti, A. and Fortunato, S. (2012). Consensus clustering in complex networks. Scientific
Reports 2, 336 (there over all pairs; here over arcs, which keeps the network sparse).
"""

from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt

from algorithms.network.digraph import Digraph, Floats, Numbers
from algorithms.network.leiden import ROUNDS, leiden
from algorithms.network.partitions import NOBODY, adjusted_rand, connected, modularity, overlaps

SHOWN_RUNS: Final = 6  # whose pairs tell how much single runs agree: 15 comparisons say enough
# the second turn divides what the first has made clear: a tenth of its runs is enough
SECOND: Final = 10
FEWEST_SECOND: Final = 3
# shares of all runs that the past may count for, tried from the first on
MEMORIES: Final = (0.0, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9)
# adjusted Rand index with the former groups from which on they are known again
KNOWN_AGAIN: Final = 0.85
# arcs visited by all runs together; about seven seconds
EFFORT: Final = 6_000_000
FEWEST: Final = 5
# fewer runs go over the network once each; so many are had up to some 200,000 arcs
SCARCE: Final = 20
# how often the runs behind the single ones go over the network, at least
REST: Final = FEWEST_SECOND + ROUNDS

Divisions = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Former:
    """The groups that stood before, and what keeping to them may cost.

    Parameters
    ----------
    labels
        Of each person; `NOBODY`: in none, or not there yet.
    cost
        Share of the modularity that could be had without them, 0 to 1; 0: keep to nothing.
    """

    labels: Numbers
    cost: float


@dataclass(frozen=True, eq=False)
class Consensus:
    """What many runs share.

    Parameters
    ----------
    labels
        Groups from 0, the largest first; each connected.
    runs
        The divisions of the single runs, a row each.
    memory
        What the former groups counted for, as a share of all runs.
    """

    labels: Numbers
    runs: Divisions
    memory: float = 0.0

    @property
    def agreement(self) -> float:
        """Return the mean adjusted Rand index of single runs: how far one could be trusted."""
        pairs = combinations(self.runs[:SHOWN_RUNS], 2)
        found = [adjusted_rand(first, second) for first, second in pairs]
        return float(np.mean(found)) if found else 1.0


def consensus(
    network: Digraph,
    *,
    runs: int = 200,
    seed: int = 0,
    resolution: float = 1.0,
    former: Former | None = None,
) -> Consensus:
    """Divide people into the groups on which runs agree.

    Parameters
    ----------
    network
        With an arc each way between any two, as `Digraph.undirected` returns it.
    runs
        Single runs, >= 1; a large network gets as many as `EFFORT` allows.
    seed
        Two seeds give two independent divisions, >= 0.
    resolution
        As of `leiden`.
    former
        The groups that stood before; None: nothing stood.
    """
    n = runs_for(network, most=runs)
    rng = np.random.default_rng(seed)
    seeds = rng.integers(0, 2**31, size=n).tolist()
    rounds = ROUNDS if n >= min(runs, SCARCE) else 1
    found = _runs(network, seeds, resolution=resolution, rounds=rounds)
    again = rng.integers(0, 2**31, size=max(n // SECOND, FEWEST_SECOND) + 1).tolist()
    share, best = shares(network, found), 0.0
    kept = Consensus(np.empty(0, np.int64), found)
    for memory in MEMORIES if former else MEMORIES[:1]:
        swayed = _swayed(network, share, former=former, memory=memory)
        labels = _agreed(network, swayed, seeds=again, resolution=resolution, rounds=rounds)
        score = modularity(network, labels, resolution=resolution)
        best = max(best, score)
        if memory and former and score < best * (1 - former.cost):
            break
        kept = Consensus(labels, found, memory)
        if former and _is_known_again(labels, former):
            break
    return kept


def _is_known_again(labels: Numbers, former: Former) -> bool:
    known = former.labels != NOBODY
    return adjusted_rand(former.labels[known], labels[known]) >= KNOWN_AGAIN


def _runs(network: Digraph, seeds: list[int], *, resolution: float, rounds: int) -> Divisions:
    """Divide the network once a seed."""
    return np.array(
        [leiden(network, seed=seed, resolution=resolution, rounds=rounds) for seed in seeds]
    )


def _agreed(
    network: Digraph, share: Floats, *, seeds: list[int], resolution: float, rounds: int
) -> Numbers:
    """Divide the network weighted by agreement, twice; the last seed is of the last run."""
    weighted = _weighted(network, share)
    found = _runs(weighted, seeds[:-1], resolution=resolution, rounds=rounds)
    clear = _weighted(weighted, shares(weighted, found))
    return connected(network, leiden(clear, seed=seeds[-1], resolution=resolution))


def runs_for(network: Digraph, *, most: int) -> int:
    """Return how many runs a network of this size gets."""
    allowed = EFFORT // max(network.m, 1) - REST
    return min(most, max(allowed, FEWEST))


def shares(network: Digraph, runs: Divisions) -> Floats:
    """Return of each arc the share of runs that put its ends together, 0 to 1."""
    together = np.zeros(network.m)
    for labels in runs:
        together += labels[network.source] == labels[network.target]
    return together / len(runs)


def _swayed(network: Digraph, share: Floats, *, former: Former | None, memory: float) -> Floats:
    """Count the former groups of those who had one as so many runs more."""
    if former is None:
        return share
    ends = former.labels[network.source], former.labels[network.target]
    both = (ends[0] != NOBODY) & (ends[1] != NOBODY)
    swayed = (1 - memory) * share + memory * (ends[0] == ends[1])
    return np.where(both, swayed, share)


def _weighted(network: Digraph, share: Floats) -> Digraph:
    """Return the network with arcs weighted by agreement; those without any are dropped."""
    kept = share > 0
    weight = network.weight[kept] * share[kept]
    return replace(network, source=network.source[kept], target=network.target[kept], weight=weight)


def firmness(labels: Numbers, runs: Divisions) -> tuple[Floats, Floats]:
    """Return how often runs find each group again, and each person in it.

    Parameters
    ----------
    labels
        The groups, from 0; below 0: in none.
    runs
        Divisions of the same people, a row each.

    Returns
    -------
    Of each group the mean Jaccard index with the group of a run that is most like it; of each
    person the share of runs in which they are in that one. Both 0 to 1; 0 for who is in none.

    References
    ----------
    Hennig, C. (2007). Cluster-wise assessment of cluster stability.
    """
    n_groups = int(labels.max(initial=-1)) + 1
    group, person = np.zeros(n_groups), np.zeros(len(labels))
    member = labels >= 0
    for run in runs:
        likest, index = _likest(labels[member], run[member], sizes=np.bincount(run))
        group += index
        person[member] += run[member] == likest[labels[member]]
    return group / len(runs), person / len(runs)


def _likest(labels: Numbers, run: Numbers, *, sizes: Numbers) -> tuple[Numbers, Floats]:
    """Return which group of a run is most like each group, and how much."""
    ours, theirs, n = overlaps(labels, run)
    index = n / (np.bincount(labels)[ours] + sizes[theirs] - n)
    order = np.lexsort((theirs, -index, ours))
    first = order[np.flatnonzero(np.diff(ours[order], prepend=-1))]
    return theirs[first], index[first]
