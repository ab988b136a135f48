"""What agreement is worth here: expectation and maximisation over *all* pairs of a register.

Splink trains one block at a time and takes from random pairs how often strangers agree. In
a small register, or one of large groups, much of that agreement is between records of one
person, and a field that blocks cannot be learned with it. Here the whole register is one
sample: pairs that no block brings together count as strangers, candidate pairs count by
their probability, and what chance explains is what the agreement of all pairs leaves over.
So all fields and the share of matches are learned at once, and twenty matches suffice.

A third kind of pair beside matches and strangers keeps the second honest: *relatives*, who
agree on what a household shares and not on what is a person's own. Without it households
would be learned as the pattern of a match.

References
----------
Fellegi, I. P., Sunter, A. B. (1969). A theory for record linkage. JASA 64.
Winkler, W. E. (1988). Using the EM algorithm for weight computation in the Fellegi-Sunter
model of record linkage. ASA Proceedings of the Section on Survey Research Methods.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from algorithms.identity.linkage.pairs import QUARTERS
from algorithms.identity.linkage.settings import Comparison, Training

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

MOST_STEPS: Final = 200
STILL: Final = 1e-5  # steps end when no probability moves by more
# Where the search starts: a match for every fifth row.
MATCHES_PER_ROW: Final = 0.2


@dataclass(frozen=True)
class Patterns:
    """Candidate pairs, those alike in all fields counted together.

    ``level`` and ``rarity`` (log2 of the frequency, 0 for none) have a row a pattern and a
    column a field; ``n`` is how many pairs are like that, ``of_pair`` the pattern of each.
    """

    level: Numbers
    rarity: Floats
    n: Numbers
    of_pair: Numbers


@dataclass(frozen=True)
class Chance:
    """How random pairs agree: per field the share of each level, and how many can compare."""

    share: tuple[Floats, ...]
    comparable: tuple[float, ...]


@dataclass(frozen=True)
class Learned:
    """A model in the making: per field how often each level occurs in each kind of pair.

    ``other`` are all pairs but matches: strangers and, few as they are, relatives.
    """

    match: tuple[Floats, ...]
    relative: tuple[Floats, ...]
    stranger: tuple[Floats, ...]
    other: tuple[Floats, ...]
    p_match: float
    p_relative: float


@dataclass(frozen=True)
class Sample:
    """What is learned from: patterns of a share of the candidates, and chance over all pairs."""

    comparisons: Sequence[Comparison]
    patterns: Patterns
    chance: Chance
    n_pairs: float
    sampled: float
    training: Training


def patterns(levels: pa.Table, comparisons: Sequence[Comparison]) -> Patterns:
    """Count pairs that are alike in all fields.

    Parameters
    ----------
    levels
        What ``pairs.levels`` returned.
    comparisons
        Its fields.
    """
    names = [field.name for field in comparisons]
    level = _matrix(levels, [f"level_{name}" for name in names])
    rarity = _matrix(levels, [f"rarity_{name}" for name in names])
    # a fingerprint sorts twenty times faster than rows; two patterns share one in 2^64
    random = np.random.default_rng(0)
    factors = random.integers(0, 2**63, 2 * len(names), dtype=np.uint64) * np.uint64(2) + np.uint64(
        1
    )
    prints = np.hstack([level, rarity]).astype(np.uint64) @ factors
    _, first, of_pair, n = np.unique(
        prints, return_index=True, return_inverse=True, return_counts=True
    )
    return Patterns(level[first], rarity[first] / QUARTERS, n.astype(np.int64), of_pair)


def _matrix(table: pa.Table, names: Sequence[str]) -> Numbers:
    return np.stack([table[name].to_numpy() for name in names], axis=1).astype(np.int64)


def chance(levels: pa.Table, comparisons: Sequence[Comparison]) -> Chance:
    """Return how random pairs agree; a level that none shows counts as half a pair."""
    share, comparable = [], []
    for field in comparisons:
        level = levels[f"level_{field.name}"].to_numpy()
        counts = np.bincount(level[level >= 0], minlength=len(field.levels)) + 0.5
        share.append(counts / counts.sum())
        comparable.append(max(float((level >= 0).mean()), 1 / max(len(level), 1)))
    return Chance(tuple(share), tuple(comparable))


def begin(sample: Sample, *, n_rows: int) -> Learned:
    """Return the state that the search starts from."""
    expected = _expected(sample)
    start = min(MATCHES_PER_ROW * n_rows / sample.n_pairs, 0.2)
    share = sample.chance.share
    return Learned(expected, expected, share, share, start, start)


def _expected(sample: Sample) -> tuple[Floats, ...]:
    return tuple(np.array([level.m for level in field.levels]) for field in sample.comparisons)


def learn(sample: Sample, start: Learned) -> Learned:
    """Search for the model under which the register is likeliest.

    Parameters
    ----------
    sample
        What is learned from.
    start
        What ``begin`` or an earlier search returned.
    """
    state = start
    for _ in range(MOST_STEPS):
        before, state = state, _step(sample, state)
        if _moved(before, state) < STILL:
            break
    return state


def _moved(one: Learned, other: Learned) -> float:
    fields = [float(np.abs(a - b).max()) for a, b in zip(one.match, other.match, strict=True)]
    shares = [(one.p_match, other.p_match), (one.p_relative, other.p_relative)]
    return max(fields + [abs(float(np.log(before / after))) for before, after in shares])


def _step(sample: Sample, state: Learned) -> Learned:
    matches, relatives = probabilities(sample, state)
    weight = sample.patterns.n / sample.sampled
    expected = _expected(sample)
    training = sample.training
    match, relative, stranger, other = [], [], [], []
    for at, field in enumerate(sample.comparisons):
        found = _by_level(sample, matches * weight, at=at)
        most = 1.0 if field.may_differ else training.most_differing
        match.append(_bounded(_smoothed(found, expected[at], training=training), most=most))
        kin = _by_level(sample, relatives * weight, at=at)
        relative.append(_smoothed(kin, expected[at], training=training))
        everything = sample.chance.share[at] * sample.chance.comparable[at] * sample.n_pairs
        other.append(_left_over(everything, found, training=training))
        stranger.append(_left_over(everything, found + kin * field.shared, training=training))
    return Learned(
        tuple(match),
        tuple(relative),
        tuple(stranger),
        tuple(other),
        _proportion(float(matches @ weight), sample.n_pairs),
        _proportion(float(relatives @ weight), sample.n_pairs),
    )


def _left_over(everything: Floats, explained: Floats, *, training: Training) -> Floats:
    """Return the shares of what agreement of all pairs is not explained, never quite nothing."""
    rest = np.maximum(everything - explained, training.least_chance * everything)
    return np.asarray(rest / rest.sum(), dtype=np.float64)


def _by_level(sample: Sample, weight: Floats, *, at: int) -> Floats:
    """Sum the weights of the patterns at each level of a field."""
    level = sample.patterns.level[:, at]
    told = level >= 0
    n_levels = len(sample.comparisons[at].levels)
    return np.bincount(level[told], weight[told], n_levels).astype(np.float64)


def _smoothed(found: Floats, expected: Floats, *, training: Training) -> Floats:
    """Lay what is found over what is expected."""
    worth = training.assumed_matches
    share = np.maximum((found + worth * expected) / (found.sum() + worth), training.rarest)
    return np.asarray(share / share.sum(), dtype=np.float64)


def _bounded(share: Floats, *, most: float) -> Floats:
    """Keep a field from differing in more matches than a match can bear."""
    if share[-1] <= most:
        return share
    return np.append(share[:-1] * (1 - most) / share[:-1].sum(), most)


def _proportion(n: float, n_pairs: float) -> float:
    """Return a share of all pairs, at least half a pair."""
    return float(min(max(n, 0.5) / n_pairs, 0.4))


def probabilities(sample: Sample, state: Learned) -> tuple[Floats, Floats]:
    """Return how probably each pattern is one person, and how probably two relatives."""
    same = np.full(len(sample.patterns.n), np.log2(state.p_match))
    kin = np.full(len(sample.patterns.n), np.log2(state.p_relative))
    for at, field in enumerate(sample.comparisons):
        level, by_chance = sample.patterns.level[:, at], _log_chance(sample, state, at=at)
        same += _gain(level, state.match[at], by_chance=by_chance)
        if field.shared:
            kin += _gain(level, state.relative[at], by_chance=by_chance)
    none = np.full(len(same), np.log2(1 - state.p_match - state.p_relative))
    odds = np.stack([same, kin, none])
    powers = np.exp2(odds - odds.max(axis=0))
    return powers[0] / powers.sum(axis=0), powers[1] / powers.sum(axis=0)


def _log_chance(sample: Sample, state: Learned, *, at: int) -> Floats:
    """Return log2 of how often strangers stand so: by frequency of the value where one is known."""
    level, rarity = sample.patterns.level[:, at], sample.patterns.rarity[:, at]
    usual = np.log2(state.stranger[at])[np.maximum(level, 0)]
    return np.where(rarity < 0, rarity, usual)


def _gain(level: Numbers, share: Floats, *, by_chance: Floats) -> Floats:
    """Return how much likelier each level is in a kind of pair than by chance, log2."""
    return np.where(level >= 0, np.log2(share)[np.maximum(level, 0)] - by_chance, 0.0)


def votes(seen: pa.Table, probability: Floats, *, touched: npt.NDArray[np.bool_]) -> Floats:
    """Return how many persons each row stands for: one divided among its likely copies.

    Parameters
    ----------
    seen
        Pairs by ``join_key_l`` and ``join_key_r``.
    probability
        How probably each of them is one person.
    touched
        A flag a row, whether all its pairs are seen; the other rows get the mean.
    """
    copies = np.zeros(len(touched))
    for side in ("join_key_l", "join_key_r"):
        copies += np.bincount(seen[side].to_numpy(), probability, len(touched))
    share = 1 / (1 + copies)
    return np.where(touched, share, share[touched].mean() if touched.any() else 1.0)
