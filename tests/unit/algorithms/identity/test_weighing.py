"""Pairs are scored once where rows and changes are the same, and anew where they are not."""

import numpy as np
import pyarrow as pa
import pytest

from algorithms.identity import weighing
from algorithms.identity.evidence import Evidence, gather
from algorithms.identity.linkage.model import Model
from algorithms.identity.linkage.score import score_between
from algorithms.identity.links import Flags
from algorithms.identity.memory import Memory
from algorithms.identity.union import Union, united
from algorithms.identity.weighing import Means, Scores, Weighed, weigh
from tests.identity_world import POLICY
from tests.lookalikes import Record, World, find, people, rows_of

ANNA = {"given_name": "karen", "family_name": "tumi", "birth_date": "1972-03-04"}
BERTA = {"given_name": "lodo", "family_name": "salo", "birth_date": "1973-11-21"}
CLARA = {"given_name": "velmi", "family_name": "lotu", "birth_date": "1971-07-09"}
NO_JOINS = pa.table({})


class Scorer:
    """Scores as the model does, and remembers how often and with which changes it was asked."""

    def __init__(self) -> None:
        self.asked: list[list[bool]] = []
        self.score = score_between

    def __call__(self, model: Model, rows: pa.Table, *, changed: Flags) -> pa.Table:
        self.asked.append(changed.tolist())
        return self.score(model, rows, changed=changed)


@pytest.fixture(scope="module")
def model() -> Model:
    return find(people(60, seed=1)).model


@pytest.fixture
def scorer(monkeypatch: pytest.MonkeyPatch) -> Scorer:
    """Return what counts how often anything is scored."""
    counting = Scorer()
    monkeypatch.setattr(weighing, "score_between", counting)
    return counting


def parted(world: World) -> tuple[Evidence, Union]:
    evidence = gather(world.facts, POLICY)
    return evidence, united(evidence, POLICY, words=world.facts.words)


def weighed(world: World, *, means: Means, memory: Memory | None = None) -> Weighed:
    evidence, union = parted(world)
    return weigh(evidence, union, details=world.details, means=means, memory=memory)


def told(*details: dict[str, str]) -> World:
    """Return accounts of several persons, named in the order of what they tell."""
    return World(tuple(Record(f"crm:{n}", n, known) for n, known in enumerate(details)))


def rows_told(*details: dict[str, str]) -> pa.Table:
    return weighed(told(*details), means=Means()).rows


def flags(*values: bool) -> Flags:
    return np.array(values, np.bool_)


# ------------------------------------------------------------------------ scores


def test_the_same_changes_among_the_same_rows_are_scored_once(model: Model, scorer: Scorer) -> None:
    scores, rows = Scores(), rows_told(ANNA, ANNA, BERTA)

    first, again = (scores.between(model, rows, changed=flags(True, False, False)) for _ in "12")

    assert first is again
    assert scorer.asked == [[True, False, False]]


def test_other_changes_are_scored_anew(model: Model, scorer: Scorer) -> None:
    scores, rows = Scores(), rows_told(ANNA, ANNA, BERTA)

    nobody = scores.between(model, rows, changed=flags(False, False, False))
    somebody = scores.between(model, rows, changed=flags(True, False, False))

    assert len(scorer.asked) == 2
    assert (len(nobody), len(somebody)) == (0, 1)


def test_other_rows_are_scored_anew_even_if_as_many_changed(model: Model, scorer: Scorer) -> None:
    scores, rows = Scores(), rows_told(ANNA, BERTA, ANNA)

    before = scores.between(model, rows.slice(0, 2), changed=flags(True, True))
    after = scores.between(model, rows.take([0, 2]), changed=flags(True, True))

    assert len(scorer.asked) == 2
    assert (len(before), len(after)) == (0, 1)


def test_what_was_scored_before_the_last_time_is_forgotten(model: Model, scorer: Scorer) -> None:
    scores, rows = Scores(), rows_told(ANNA, ANNA)
    one, other = flags(True, False), flags(False, True)

    for changed in (one, other, one):
        scores.between(model, rows, changed=changed)

    assert len(scorer.asked) == 3


def test_more_rows_than_before_do_not_pass_for_the_same(model: Model, scorer: Scorer) -> None:
    scores = Scores()

    scores.between(model, rows_told(ANNA), changed=flags(True))
    found = scores.between(model, rows_told(ANNA, ANNA), changed=flags(True, True))

    assert len(scorer.asked) == 2
    assert (found["left"].to_pylist(), found["right"].to_pylist()) == ([0], [1])


def test_weights_are_rounded_so_that_no_rounding_looks_like_a_change(model: Model) -> None:
    pairs = Scores().between(model, rows_told(ANNA, ANNA), changed=flags(True, True))

    for name in ("weight", "probability"):
        values = pairs[name].to_numpy()
        assert np.array_equal(values, np.round(values, weighing.DECIMALS))
    assert pairs["weight"].to_numpy()[0] > 0


# ------------------------------------------------------------------------ a part, and who is new


def test_everybody_is_scored_where_nothing_is_remembered(model: Model, scorer: Scorer) -> None:
    found = weighed(told(ANNA, ANNA, BERTA), means=Means(model))

    assert scorer.asked == [[True, True, True]]
    assert found.stirred.all()
    assert found.founders.to_pylist() == ["crm:0", "crm:1", "crm:2"]


def test_whoever_is_as_before_is_not_scored_again(model: Model, scorer: Scorer) -> None:
    world = told(ANNA, ANNA, BERTA)
    before = weighed(world, means=Means(model))
    memory = before.memory(NO_JOINS)

    after = weighed(world, means=Means(model), memory=memory)

    assert scorer.asked[1:] == [[False, False, False]]
    assert after.memory(NO_JOINS).pairs.sort_by("founder_l") == memory.pairs.sort_by("founder_l")


def test_only_pairs_of_whom_something_else_is_known_are_scored(
    model: Model, scorer: Scorer
) -> None:
    memory = weighed(told(ANNA, ANNA, BERTA), means=Means(model)).memory(NO_JOINS)

    after = weighed(told(ANNA, ANNA, ANNA), means=Means(model), memory=memory)

    assert scorer.asked[1:] == [[False, False, True]]
    ends = zip(after.pairs["left"].to_pylist(), after.pairs["right"].to_pylist(), strict=True)
    assert [*ends] == [(0, 1), (0, 2), (1, 2)]


def test_a_pair_that_is_lost_stirs_whoever_is_left(model: Model) -> None:
    memory = weighed(told(ANNA, ANNA, BERTA), means=Means(model)).memory(NO_JOINS)
    changed = World((Record("crm:1", 1, CLARA),))

    after = weighed(changed, means=Means(model), memory=memory)

    assert len(after.pairs) == 0
    # crm:0 lost its pair, crm:1 changed, crm:2 never had one
    assert after.stirred.tolist() == [True, True, False]


def test_a_part_is_scored_against_those_who_are_not_here(model: Model) -> None:
    memory = weighed(told(ANNA, BERTA), means=Means(model)).memory(NO_JOINS)
    newcomer = World((Record("web:9", 9, ANNA),))

    after = weighed(newcomer, means=Means(model), memory=memory)

    assert after.founders.to_pylist() == ["crm:0", "crm:1", "web:9"]
    (pair,) = after.memory(NO_JOINS).pairs.to_pylist()
    assert (pair["founder_l"], pair["founder_r"]) == ("crm:0", "web:9")


def test_a_part_that_grows_without_new_rows_asks_the_model_once(
    model: Model, scorer: Scorer
) -> None:
    means = Means(model)
    world = told(ANNA, ANNA, BERTA)
    memory = weighed(world, means=Means(model)).memory(NO_JOINS)
    newcomer = Record("web:9", 9, ANNA)
    scorer.asked.clear()

    part = weighed(World((newcomer,)), means=means, memory=memory)
    # whom it resembles is looked at as well, and is as it was
    grown = weighed(world.also(newcomer).only({"web:9", "crm:0"}), means=means, memory=memory)

    assert scorer.asked == [[False, False, False, True]]
    assert rows_of(part.pairs, key=["left"]) == rows_of(grown.pairs, key=["left"])


def test_an_account_that_forgot_all_has_no_row_and_no_pair(model: Model) -> None:
    memory = weighed(told(ANNA, ANNA), means=Means(model)).memory(NO_JOINS)

    after = weighed(World((Record("crm:1", 1, {}),)), means=Means(model), memory=memory)

    assert after.founders.to_pylist() == ["crm:0"]
    assert len(after.pairs) == 0
    assert after.stirred.tolist() == [True]


def test_nobody_has_neither_rows_nor_pairs(model: Model) -> None:
    found = weighed(World(()), means=Means(model))

    assert (len(found.rows), len(found.pairs), found.stirred.tolist()) == (0, 0, [])


def test_runs_do_not_share_what_they_scored(model: Model, scorer: Scorer) -> None:
    world = told(ANNA, ANNA)

    for _ in range(2):
        weighed(world, means=Means(model))

    assert len(scorer.asked) == 2
