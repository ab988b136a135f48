"""Splink scores what our settings say: weights worked out again, pair by pair, in Python."""

import logging
import math
from itertools import combinations

import numpy as np
import pytest

from algorithms.identity.linkage import pairs, splinking
from algorithms.identity.linkage.frequencies import Frequencies, digest, look_up
from algorithms.identity.linkage.learning import Learned
from algorithms.identity.linkage.rows import match_rows
from algorithms.identity.linkage.settings import (
    Choices,
    Clause,
    Comparison,
    Level,
    Settings,
    read_choices,
)
from tests.registers import persons_of

PRIOR = 0.1
CITIES = ("Rome", "Rome", "Oslo", "Oslo", None)
GENDERS = ("f", "m", "f", "f", "m")
# Rome is half of all, every other city a hundredth
FREQUENCIES = {"city": Frequencies({digest("rome"): 0.5}, rest=0.01)}


def field(name: str, *, frequency: str | None = None) -> Comparison:
    same = Level(says="same", m=0.8, sql=f"{name}_l = {name}_r", frequency=frequency)
    differs = Level(says="differs", m=0.2, sql="ELSE")
    null = Clause(sql=f"{name}_l IS NULL OR {name}_r IS NULL")
    return Comparison(name=name, needs=(name,), nulls=(null,), levels=(same, differs))


def settings_of(choices: Choices) -> Settings:
    fields = (field("city", frequency="city"), field("gender"))
    return Settings(fields, (("city",), ("gender",)), 10, choices.limits, choices.training)


def learned() -> Learned:
    match = (np.array([0.8, 0.2]), np.array([0.9, 0.1]))
    chance = (np.array([0.25, 0.75]), np.array([0.5, 0.5]))
    return Learned(match, match, chance, chance, PRIOR, PRIOR)


def scored(*, floor: float) -> dict[tuple[int, int], dict[str, float]]:
    people = [{"city": c, "gender": g} for c, g in zip(CITIES, GENDERS, strict=True)]
    rows = match_rows(persons_of(people), np.arange(len(people)))
    settings = settings_of(read_choices())
    with pairs.workshop(rows, np.ones(rows.num_rows, dtype=np.bool_)) as connection:
        pairs.block(connection, settings.blocks)
        look_up(connection, FREQUENCIES)
        form = splinking.splink_settings(settings, learned())
        found = splinking.predict(connection, form, floor=floor).to_pylist()
    return {(row["unit_l"], row["unit_r"]): row for row in found}


def weight_of(one: int, other: int) -> float:
    """Work out a pair's weight from the tables above."""
    weight = math.log2(PRIOR / (1 - PRIOR))
    weight += math.log2(0.9 / 0.5 if GENDERS[one] == GENDERS[other] else 0.1 / 0.5)
    if CITIES[one] is None or CITIES[other] is None:
        return weight
    if CITIES[one] != CITIES[other]:
        return weight + math.log2(0.2 / 0.75)
    return weight + math.log2(0.8 / (0.5 if CITIES[one] == "Rome" else 0.01))


def test_every_blocked_pair_has_the_weight_that_its_levels_give() -> None:
    found = scored(floor=-99.0)

    expected = {
        (one, other): weight_of(one, other)
        for one, other in combinations(range(len(CITIES)), 2)
        if CITIES[one] == CITIES[other] or GENDERS[one] == GENDERS[other]
    }
    assert {pair: row["match_weight"] for pair, row in found.items()} == pytest.approx(expected)


def test_pairs_below_the_floor_are_left_out() -> None:
    found = scored(floor=0.0)

    # one city of Oslo and one gender: the only pair of even odds and more
    assert set(found) == {(2, 3)}


def test_pairs_scored_in_parts_are_those_scored_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = scored(floor=-99.0)
    monkeypatch.setattr(splinking, "PAIRS_AT_ONCE", 2)

    assert scored(floor=-99.0) == at_once


def test_the_form_holds_every_probability() -> None:
    form = splinking.splink_settings(settings_of(read_choices()), learned())

    comparisons = form["comparisons"]
    assert isinstance(comparisons, list)
    told = [
        (level.get("m_probability"), level.get("u_probability"))
        for comparison in comparisons
        for level in comparison["comparison_levels"]
    ]
    assert told == [
        (None, None),
        (0.8, 0.25),
        (0.2, 0.75),
        (None, None),
        (0.9, 0.5),
        (0.1, 0.5),
    ]


def test_splink_says_nothing_in_our_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        scored(floor=-99.0)

    assert [record for record in caplog.records if record.name.startswith("splink")] == []
