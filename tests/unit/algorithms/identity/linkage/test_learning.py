"""What agreement is worth, learned from pairs whose true shares are known."""

import numpy as np
import pyarrow as pa
import pytest

from algorithms.identity.linkage import learning
from algorithms.identity.linkage.learning import Chance, Learned, Patterns, Sample
from algorithms.identity.linkage.settings import Clause, Comparison, Level, read_choices

TRAINING = read_choices().training
N_PAIRS = 1_000_000.0
# Of a million pairs so many are one person, so many of one household.
MATCHES, RELATIVES = 2_000.0, 3_000.0
# How often each field agrees among matches, relatives and strangers.
SHARES = {
    "given": (0.90, 0.02, 0.02),
    "birth": (0.95, 0.001, 0.001),
    "address": (0.80, 0.95, 0.0005),
    "phone": (0.70, 0.90, 0.0002),
}
SHARED = ("address", "phone")


def field(name: str) -> Comparison:
    same = Level(says="same", m=0.8, sql=f"{name}_l = {name}_r")
    differs = Level(says="differs", m=0.2, sql="ELSE")
    null = Clause(sql=f"{name}_l IS NULL")
    return Comparison(
        name=name, needs=(name,), nulls=(null,), levels=(same, differs), shared=name in SHARED
    )


FIELDS = tuple(field(name) for name in SHARES)


def sample_of(matches: float, relatives: float) -> Sample:
    """Return all sixteen patterns, each as often as the shares make it."""
    level = np.array(np.meshgrid(*[[0, 1]] * len(FIELDS), indexing="ij")).reshape(len(FIELDS), -1).T
    sizes = (matches, relatives, N_PAIRS - matches - relatives)
    by_kind = [
        size
        * np.prod(
            [
                np.where(level[:, at] == 0, shares[kind], 1 - shares[kind])
                for at, shares in enumerate(SHARES.values())
            ],
            axis=0,
        )
        for kind, size in enumerate(sizes)
    ]
    n = np.rint(np.sum(by_kind, axis=0)).astype(np.int64)
    share = tuple(np.bincount(level[:, at], n, 2) / N_PAIRS for at in range(len(FIELDS)))
    # a pair that agrees on nothing is no candidate
    seen = level.min(axis=1) == 0
    patterns = Patterns(level[seen], np.zeros((seen.sum(), len(FIELDS))), n[seen], np.arange(0))
    chance = Chance(share, (1.0,) * len(FIELDS))
    return Sample(FIELDS, patterns, chance, N_PAIRS, 1.0, TRAINING)


def learned_from(sample: Sample) -> Learned:
    return learning.learn(sample, learning.begin(sample, n_rows=1500))


def test_the_number_of_matches_is_found() -> None:
    state = learned_from(sample_of(MATCHES, 0.0))

    assert state.p_match * N_PAIRS == pytest.approx(MATCHES, rel=0.03)


def test_how_often_fields_agree_in_matches_and_by_chance_is_found() -> None:
    state = learned_from(sample_of(MATCHES, 0.0))

    for at, (in_matches, _, by_chance) in enumerate(SHARES.values()):
        assert state.match[at][0] == pytest.approx(in_matches, abs=0.02)
        assert state.stranger[at][0] == pytest.approx(by_chance, rel=0.3)


def test_households_are_not_taken_for_persons() -> None:
    state = learned_from(sample_of(MATCHES, RELATIVES))

    assert state.p_match * N_PAIRS == pytest.approx(MATCHES, rel=0.05)
    assert state.p_relative * N_PAIRS == pytest.approx(RELATIVES, rel=0.15)
    assert state.match[0][0] == pytest.approx(0.9, abs=0.03)


def test_a_register_without_duplicates_teaches_that_there_are_none() -> None:
    state = learned_from(sample_of(0.0, 0.0))

    assert state.p_match * N_PAIRS < 20


def test_few_matches_leave_levels_near_what_was_expected() -> None:
    state = learned_from(sample_of(3.0, 0.0))

    # three matches against ten assumed ones: nearer to 0.8 than to 0.95
    assert state.match[1][0] == pytest.approx(0.8, abs=0.08)


def test_half_of_the_candidates_teach_the_same() -> None:
    whole = sample_of(MATCHES, 0.0)
    alike = whole.patterns
    half = Sample(
        FIELDS,
        Patterns(alike.level, alike.rarity, alike.n // 2, alike.of_pair),
        whole.chance,
        N_PAIRS,
        0.5,
        TRAINING,
    )

    assert learned_from(half).p_match == pytest.approx(learned_from(whole).p_match, rel=0.01)


def test_probabilities_follow_bayes() -> None:
    sample = sample_of(MATCHES, 0.0)
    shares = list(SHARES.values())
    state = Learned(
        tuple(np.array([m, 1 - m]) for m, _, _ in shares),
        tuple(np.array([r, 1 - r]) for _, r, _ in shares),
        tuple(np.array([u, 1 - u]) for _, _, u in shares),
        tuple(np.array([u, 1 - u]) for _, _, u in shares),
        MATCHES / N_PAIRS,
        RELATIVES / N_PAIRS,
    )

    matches, relatives = learning.probabilities(sample, state)

    # the first pattern agrees on everything; relatives only count what they share
    same = MATCHES * 0.9 * 0.95 * 0.8 * 0.7
    kin = RELATIVES * 0.02 * 0.001 * 0.95 * 0.9
    none = (N_PAIRS - MATCHES - RELATIVES) * 0.02 * 0.001 * 0.0005 * 0.0002
    assert matches[0] == pytest.approx(same / (same + kin + none))
    assert relatives[0] == pytest.approx(kin / (same + kin + none))


def test_a_rare_value_raises_the_probability() -> None:
    sample = sample_of(MATCHES, 0.0)
    alike = sample.patterns
    rare = np.zeros_like(alike.rarity)
    rare[:, 0] = np.where(alike.level[:, 0] == 0, -12.0, 0.0)
    state = learned_from(sample)

    usual, _ = learning.probabilities(sample, state)
    raised, _ = learning.probabilities(
        Sample(
            FIELDS,
            Patterns(alike.level, rare, alike.n, alike.of_pair),
            sample.chance,
            N_PAIRS,
            1.0,
            TRAINING,
        ),
        state,
    )

    agree = alike.level[:, 0] == 0
    assert (raised[agree] > usual[agree]).all()
    assert (raised[~agree] == usual[~agree]).all()


def test_pairs_alike_are_counted_together() -> None:
    levels = pa.table(
        {
            **{f"level_{name}": pa.array([0, 1, 0, 0], pa.int8()) for name in SHARES},
            **{f"rarity_{name}": pa.array([-8, 0, -8, -4], pa.int16()) for name in SHARES},
        }
    )

    found = learning.patterns(levels, FIELDS)

    assert sorted(found.n.tolist()) == [1, 1, 2]
    assert found.of_pair[0] == found.of_pair[2]
    assert found.rarity[found.of_pair[0]].tolist() == [-2.0] * 4
    assert found.level[found.of_pair].tolist() == [[0] * 4, [1] * 4, [0] * 4, [0] * 4]


def test_chance_counts_a_level_that_nobody_shows_as_half_a_pair() -> None:
    levels = pa.table({f"level_{name}": pa.array([1, 1, 1, -1], pa.int8()) for name in SHARES})

    found = learning.chance(levels, FIELDS)

    assert found.share[0].tolist() == pytest.approx([0.5 / 4, 3.5 / 4])
    assert found.comparable == pytest.approx((0.75,) * 4)


def test_a_row_shares_its_vote_with_its_likely_copies() -> None:
    seen = pa.table({"join_key_l": [0, 0], "join_key_r": [1, 2]})

    found = learning.votes(seen, np.array([1.0, 0.5]), touched=np.ones(4, dtype=np.bool_))

    assert found.tolist() == pytest.approx([1 / 2.5, 1 / 2, 1 / 1.5, 1.0])


def test_rows_whose_pairs_are_not_seen_vote_like_the_mean() -> None:
    seen = pa.table({"join_key_l": [0], "join_key_r": [1]})

    found = learning.votes(seen, np.array([1.0]), touched=np.array([True, False]))

    assert found.tolist() == pytest.approx([0.5, 0.5])
