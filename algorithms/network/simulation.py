"""Plays spreading forward from seeds: the judge of what reach sets say, and reach over time.

Slower than reach sets, and about other things: how many are reached after each step, and how
a product that people also take up of their own accord spreads sooner for having seeds.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from algorithms.network.cover import Z
from algorithms.network.digraph import Floats, Ints, Numbers
from algorithms.network.simulation_kernels import adopt, game_of, spread
from algorithms.network.spreading import Spreading

LONGEST: Final = 1_000
"""Steps after which a cascade that still goes on is cut off."""


@dataclass(frozen=True, eq=False)
class Course:
    """How many people are reached after 0, 1, ... steps: mean of the runs, and its 95 % interval.

    ``mean``, ``low`` and ``high`` have a value for each step; 0 is the seeds themselves.
    """

    mean: Floats
    low: Floats
    high: Floats


def course(
    spreading: Spreading, seeds: Ints, *, runs: int, seed: int, steps: int = LONGEST
) -> Course:
    """Play a cascade or a threshold model from seeds.

    Parameters
    ----------
    spreading
        Who can win over whom.
    seeds
        Who is reached to begin with; none twice.
    runs
        How often, at least 1; the interval narrows with its root.
    seed
        The same seed gives the same runs.
    steps
        How many steps are played; later ones no longer count.
    """
    counts = np.zeros((runs, steps + 1), np.int64)
    game = game_of(_forward(spreading), seeds=seeds.astype(np.int32), seed=seed)
    spread(game, counts, by_level=spreading.model == "threshold")
    return _summed(counts)


class Appeal(NamedTuple):
    """How a product spreads: Bass's p and q, a step, each 0 to 1.

    ``innovation`` is the chance of whoever follows nobody that has it; whoever follows only
    such adopts with the chance ``innovation`` + ``imitation``. ``steps`` are played.
    """

    innovation: float
    imitation: float
    steps: int


def adoption(
    spreading: Spreading, seeds: Ints, *, appeal: Appeal, runs: int, seed: int = 0
) -> Course:
    """Play how a product spreads that people take up of their own accord and after others.

    Parameters
    ----------
    spreading
        Whom people follow; the weights of a person, as shares, have the sum 1.
    seeds
        Who has the product to begin with.
    appeal
        Of the product. Where everybody follows everybody else alike, this is Bass's model.
    runs, seed
        As `course`.

    References
    ----------
    Bass, F. (1969). A new product growth model for consumer durables. Management Science 15.
    """
    counts = np.zeros((runs, appeal.steps + 1), np.int64)
    game = game_of(_forward(spreading), seeds=seeds.astype(np.int32), seed=seed)
    adopt(game, counts, p=appeal.innovation, q=appeal.imitation)
    return _summed(counts)


def _forward(spreading: Spreading) -> tuple[Numbers, Ints, Floats]:
    """Return the arcs along influence: from who wins over to who is won."""
    person = np.repeat(np.arange(spreading.n, dtype=np.int32), np.diff(spreading.starts))
    order = np.lexsort((person, spreading.sources))
    degree = np.bincount(spreading.sources, minlength=spreading.n)
    starts = np.concatenate([[0], np.cumsum(degree)]).astype(np.int64)
    return starts, person[order], spreading.probability[order]


def _summed(counts: Numbers) -> Course:
    """Return means of the runs; of a single one nothing is known of the spread."""
    mean = counts.mean(axis=0)
    n = len(counts)
    deviation = counts.std(axis=0, ddof=1) if n > 1 else np.full(len(mean), np.inf)
    width = Z * deviation / np.sqrt(n)
    return Course(mean, np.maximum(mean - width, counts[:, 0].min()), mean + width)
