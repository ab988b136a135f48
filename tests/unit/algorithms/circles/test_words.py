"""Names, figures, notes and reasons of circles, in both languages; and what can be set."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from pydantic import ValidationError

from algorithms.circles.settings import CirclesParameters
from algorithms.circles.words import MATHEMATICS, ROLE_NAMES, Circle, explain, label_of, notes_on
from algorithms.parameters import ParameterError, parameters_of
from graph.language import Text
from tests.pure import utc

PLAIN = Circle("k", 12, density=0.256, cohesion=0.805, stability=0.9)
FACTS: Mapping[str, object] = {
    "people": 20_100,
    "active": 1_100,
    "members": 1_000,
    "agreement": 0.95,
    "modularity": 0.5,
    "continuity": None,
    "runs": 200,
}


def set_to(**wished: str) -> CirclesParameters:
    as_of = utc("2026-03-01")
    return parameters_of(CirclesParameters, wished, algorithm="circles", as_of=as_of)


PARAMS = set_to()


def test_a_circle_without_words_is_described_by_figures_alone() -> None:
    assert PLAIN.about == Text(
        "12 people; 25.6% of all pairs have replied; 80% of their replies stay inside; "
        "found again in runs by 0.90 (Jaccard).",
        "12 人；25.6% 的有向对有过回复；80% 的往来留在圈内；多次划分的重现度 0.90（Jaccard）。",
    )


def test_what_is_talked_of_and_bought_follows_the_figures() -> None:
    circle = replace(PLAIN, terms=["lens", "镜头"], categories=["🌸"])

    assert circle.about.en.endswith(" Talks about lens, 镜头. Buys 🌸 more than others.")
    assert circle.about.zh.endswith("。谈论：lens、镜头。偏好购买：🌸。")


@pytest.mark.parametrize(
    ("terms", "categories", "label"),
    [
        ([], [], Text("Circle of 12 people", "12 人圈")),
        (["lens"], ["bag"], Text("lens circle", "lens 圈")),
        ([], ["bag"], Text("bag circle", "bag 圈")),
        ([*"abcd"], [], Text("a, b, c circle", "a、b、c 圈")),
    ],
)
def test_a_circle_is_named_after_what_it_says_else_buys_else_its_size(
    terms: list[str], categories: list[str], label: Text
) -> None:
    assert label_of(replace(PLAIN, terms=terms, categories=categories)) == label


# ------------------------------------------------------------------ reasons


@pytest.mark.parametrize("role", ["core", "bridge", "edge"])
def test_a_reason_names_role_circle_and_share_of_runs(role: str) -> None:
    person = {"circle_id": "k1", "circles_role": role, "circles_strength": 0.755}

    said = explain(person, {"runs": 40})

    name = ROLE_NAMES[role]
    assert said.en == f"Is {name.en} of circle k1: in 76% of 40 runs they belong to it."
    assert said.zh == f"是圈子 k1 的{name.zh}：40 次划分中有 76% 归入该圈。"


@pytest.mark.parametrize("before", [None, "k1"])
def test_who_stayed_or_was_in_none_came_from_nowhere(before: str | None) -> None:
    person = {"circle_id": "k1", "circles_role": "core", "circles_before": before}

    said = explain(person, {"runs": 5})

    assert "Came from" not in said.en
    assert "此前" not in said.zh


def test_who_moved_came_from_the_circle_before() -> None:
    person = {"circle_id": "k1", "circles_role": "edge", "circles_strength": 1, **BEFORE}

    said = explain(person, {"runs": 5})

    assert said.en.endswith(" Came from k0.")
    assert said.zh.endswith("此前在 k0。")


BEFORE = {"circles_before": "k0"}


def test_who_left_is_told_which_circle_they_were_in() -> None:
    assert explain({"circle_id": None, **BEFORE}, {}) == Text(
        "Is in no circle any more; was in k0.", "目前不在任何圈子；此前在 k0。"
    )


def test_a_role_of_another_version_is_said_as_it_is() -> None:
    assert (
        "Is guest of circle k1: in 0% of"
        in explain(
            {"circle_id": "k1", "circles_role": "guest", "circles_strength": None}, {"runs": 1}
        ).en
    )


# ------------------------------------------------------------------ notes


def notes(**facts: object) -> tuple[Text, ...]:
    return notes_on({**FACTS, **facts}, PARAMS)


def test_where_all_is_well_the_only_note_is_who_was_left_out() -> None:
    (note,) = notes()

    assert note.en == (
        "100 of 1,100 active people are in no circle of at least 5; 19,000 more have fewer than "
        "4 replies with the active and were not looked at."
    )
    assert note.zh.startswith(
        "1,100 位活跃用户中有 100 位不属于任何至少 5 人的圈子；另有 19,000 人"
    )


@pytest.mark.parametrize(
    ("name", "well", "ill", "en", "zh"),
    [
        ("agreement", 0.8, 0.79, "Single runs agree by 0.79 only", "一致性仅 0.79"),
        ("modularity", 0.3, 0.29, "Modularity is 0.29", "模块度为 0.29"),
        ("continuity", 0.8, 0.42, "they agree by 0.42", "一致性为 0.42"),
        ("runs", 200, 15, "15 single runs instead of 200", "15 次，而非 200 次"),
    ],
)
def test_a_caveat_is_told_below_its_threshold_and_not_at_it(
    name: str, well: float, ill: float, en: str, zh: str
) -> None:
    (_, told) = notes(**{name: ill})

    assert len(notes(**{name: well})) == 1
    assert en in told.en
    assert zh in told.zh


def test_all_caveats_may_be_told_together() -> None:
    told = notes(agreement=0.1, modularity=0.1, continuity=0.1, runs=5)

    assert len(told) == 5
    assert all(note.en and note.zh and note.en != note.zh for note in told)


def test_the_mathematics_is_written_in_both_languages_with_the_same_formulas() -> None:
    for text in (MATHEMATICS.definition, MATHEMATICS.unfit):
        english, chinese = (part.split("$")[1::2] for part in text)
        assert {*chinese} <= {*english}


# ------------------------------------------------------------------ what can be set


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("least_interactions", "0"),
        ("least_size", "1"),
        ("resolution", "0"),
        ("resolution", "101"),
        ("runs", "0"),
        ("memory", "-0.1"),
        ("memory", "1.1"),
        ("n_terms", "-1"),
        ("n_terms", "51"),
        ("seed", "-1"),
        ("window_days", "0"),
        ("runs", "many"),
    ],
)
def test_a_parameter_out_of_bounds_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(ParameterError) as refused:
        set_to(**{name: value})

    assert name in refused.value.message("en")
    assert name in refused.value.message("zh")


@pytest.mark.parametrize(
    ("name", "value"), [("least_size", 2), ("resolution", 100), ("memory", 0), ("n_terms", 50)]
)
def test_a_parameter_at_its_bound_is_taken(name: str, value: float) -> None:
    assert getattr(set_to(**{name: str(value)}), name) == value


def test_a_time_without_a_zone_is_no_date_of_circles() -> None:
    with pytest.raises(ValidationError, match="timezone"):
        CirclesParameters.model_validate({"as_of": PARAMS.as_of.replace(tzinfo=None)})
