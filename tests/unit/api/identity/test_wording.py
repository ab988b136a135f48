"""Evidence in words: strengths by factors, both languages, nothing left unsaid."""

from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from algorithms.identity.evidence import REASONS
from algorithms.identity.sides import REFUSALS as VETOES
from api.identity import wording
from api.identity.wording import (
    BLOCKS,
    FIELDS,
    KEPT_APART,
    KINDS,
    REFUSALS,
    day,
    in_words,
    named,
    span,
    strength,
    weighed,
)
from graph.codes import IdentifierKind
from graph.language import Text, speaking


@pytest.mark.parametrize(
    ("weight", "said"),
    [
        (0.5, "hardly any"),
        (-0.5, "hardly any"),
        (3.3, "weak"),
        (3.4, "moderate"),
        (6.6, "moderate"),
        (9.1, "strong"),
        (-9.1, "strong"),
        (13.2, "strong"),
        (13.3, "very strong"),
        (100.0, "very strong"),
    ],
)
def test_strengths_follow_factors_of_ten_hundred_and_ten_thousand(weight: float, said: str) -> None:
    # 2 ** 3.32 = 10, 2 ** 6.64 = 100, 2 ** 13.29 = 10,000
    assert strength(weight).en == f"{said} evidence"


@pytest.mark.parametrize(
    ("field", "weight", "en", "zh"),
    [
        ("birth", 9.1, "birth date agrees: strong evidence (+9.1)", "出生日期一致：强证据（+9.1）"),
        (
            "given",
            -4.06,
            "given name differs: moderate evidence against it (-4.1)",
            "名不一致：中等证据，反对合并（-4.1）",
        ),
        ("city", 0.04, "city says nothing (0.0)", "城市没有说明力（0.0）"),
        (
            "shoe_size",
            2.0,
            "shoe size agrees: weak evidence (+2.0)",
            "shoe size一致：弱证据（+2.0）",
        ),
    ],
)
def test_a_field_is_told_with_its_weight(field: str, weight: float, *, en: str, zh: str) -> None:
    assert in_words(field, weight) == en
    with speaking("zh"):
        assert in_words(field, weight) == zh


def test_fields_stand_by_weight_whichever_way_they_speak() -> None:
    found: Any = weighed({"city": 0.1, "given": -7.0, "birth": 7.0, "email": 9.0})

    assert [field["field"] for field in found] == ["email", "birth", "given", "city"]
    assert found[0]["weight"] == 9.0


def test_every_code_of_the_engine_has_words() -> None:
    assert set(REASONS) == set(BLOCKS)
    assert set(VETOES) <= set(REFUSALS)
    assert set(get_args(IdentifierKind)) == set(KINDS)
    assert {"careful", "size", "steward", "unique"} <= set(KEPT_APART)


@pytest.mark.parametrize("words", [KINDS, FIELDS, BLOCKS, REFUSALS, KEPT_APART])
def test_all_words_exist_in_both_languages(words: dict[str, Text]) -> None:
    assert all(text.en and text.zh for text in words.values())


def test_every_sentence_of_the_module_names_the_same_facts_in_both_languages() -> None:
    import string

    def fields(template: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(template) if name}

    texts = [value for value in vars(wording).values() if isinstance(value, Text)]
    assert len(texts) > 3
    assert all(fields(text.en) == fields(text.zh) for text in texts)


def test_a_code_without_words_is_told_as_it_is() -> None:
    assert named(BLOCKS, "too_new") == "too new"


def test_a_time_is_told_by_its_days() -> None:
    first, last = datetime(2026, 3, 1, 23, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC)

    assert span(first, last) == "2026-03-01 to 2026-03-09"
    assert span(first, first) == span(first, None) == span(None, first) == "2026-03-01"
    assert span(None, None) == day(None) == "at an unknown time"
