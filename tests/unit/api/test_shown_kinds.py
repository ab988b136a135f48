"""Every kind of property: how it is asked for, shown, modelled, and written as JSON."""

import json
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from pydantic import ValidationError

from algorithms.registry import computed_spec
from api.declared import property_view
from api.models import PropertyView
from api.scores import State, brief, scores
from api.views import TYPES, instant, model_of, plain, projection, row_of, show, shown, texts
from graph.language import Text, speaking
from graph.properties import Kind
from graph.spec import PropertySpec

SPEC = computed_spec()
ELEMENTS = [*SPEC.nodes.values(), *SPEC.relationships.values()]
RAN = datetime(2026, 2, 1, 3, tzinfo=UTC)
SCORE = PropertySpec("s_level", "integer", Text("Level", "等级"), owner="s")
OTHER = PropertySpec("s_chance", "number", Text("Chance", "概率"), owner="s")

# what the database returns, and what is shown of it as JSON
FORMS: list[tuple[Kind, object, object]] = [
    ("key", "erp:1", "erp:1"),
    ("text", "中文 🐱", "中文 🐱"),
    ("code", "paid", "paid"),
    ("time", 0, "1970-01-01T00:00:00Z"),
    ("time", 1_767_268_800_123, "2026-01-01T12:00:00.123000Z"),
    ("time", -1_000, "1969-12-31T23:59:59Z"),
    ("date", "2026-02-28", "2026-02-28"),
    ("integer", -3, -3),
    ("number", 0.1, 0.1),
    ("money", 19.99, 19.99),
    ("money", -0.01, -0.01),
    ("boolean", False, False),
    ("json", '{"颜色": ["黑", null]}', {"颜色": ["黑", None]}),
    ("json", "[]", []),
    ("texts", ["b", "a"], ["b", "a"]),
    ("texts", [], []),
]


def of(kind: Kind, **known: object) -> PropertySpec:
    return PropertySpec("it", kind, Text("It", "它"), **known)  # type: ignore[arg-type]


def shown_as_json(spec: PropertySpec, raw: object) -> dict[str, object]:
    """Return what a program receives of one value."""
    model = model_of("M", [spec]).model_validate(shown([spec], {"it": raw}))
    return dict(row_of(json.loads(model.model_dump_json())["it"]))


@pytest.mark.parametrize(("kind", "raw", "expected"), FORMS)
def test_a_value_of_each_kind_arrives_as_json(kind: Kind, raw: object, *, expected: object) -> None:
    assert shown_as_json(of(kind), raw)["value"] == expected


@pytest.mark.parametrize("kind", get_args(Kind))
def test_what_is_not_known_is_null_whatever_its_kind(kind: Kind) -> None:
    assert shown_as_json(of(kind), None)["value"] is None


def test_every_kind_has_a_type() -> None:
    assert set(TYPES) | {"json", "texts"} == set(get_args(Kind))


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        ("time", "n{it: n.it.epochMillis}"),
        ("date", "n{it: toString(n.it)}"),
        ("text", "n{.it}"),
        ("money", "n{.it}"),
        ("json", "n{.it}"),
        ("texts", "n{.it}"),
    ],
)
def test_a_property_of_each_kind_is_asked_for_in_its_way(kind: Kind, asked: str) -> None:
    assert projection("n", [of(kind)]) == asked


@pytest.mark.parametrize(
    ("kind", "unit", "expected"),
    [
        ("money", "", "currency"),
        ("money", "currency", "currency"),
        ("number", "days", "days"),
        ("number", "", ""),
        ("time", "", ""),
    ],
)
def test_only_money_has_a_unit_that_nobody_stated(kind: Kind, unit: str, *, expected: str) -> None:
    assert show(of(kind, unit=unit), 1)["unit"] == expected


@pytest.mark.parametrize(("owner", "basis"), [("", "observed"), ("rfm", "inferred")])
def test_the_basis_follows_from_who_owns_a_value(owner: str, basis: str) -> None:
    assert shown_as_json(of("number", owner=owner), 1.0)["basis"] == basis
    assert property_view(of("number", owner=owner))["basis"] == basis


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("integer", "three"),
        ("number", "much"),
        ("boolean", "perhaps"),
        ("texts", "one"),
        ("date", "2026-02-30"),
        ("text", 5),
    ],
)
def test_a_value_of_another_kind_breaks_the_promise_loudly(kind: Kind, wrong: object) -> None:
    with pytest.raises(ValidationError):
        shown_as_json(of(kind), wrong)


@pytest.mark.parametrize("raw", ["2026-01-01", 1.5, None, [], {}])
def test_only_whole_milliseconds_are_an_instant(raw: object) -> None:
    assert instant(raw) is None


def test_instants_are_in_utc_to_the_millisecond() -> None:
    for milliseconds in (0, 1, 999, 1_767_225_599_999, 253_402_300_799_999):
        found = instant(milliseconds)
        assert found is not None
        assert found.utcoffset() == timedelta(0)
        assert (found - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1) == (
            milliseconds
        )


def test_json_that_is_already_read_is_left_alone() -> None:
    assert plain(of("json"), {"a": 1}) == {"a": 1}


def test_numbers_among_texts_are_texts_and_sorted_as_such() -> None:
    assert texts([10, 9, "a", None, 10]) == ["10", "9", "a"]


# ---------------------------------------------------------------- everything that is declared


@pytest.mark.parametrize("element", ELEMENTS, ids=lambda element: element.name)
def test_every_declared_property_can_be_unknown_and_is_explained(element: object) -> None:
    properties = element.properties  # type: ignore[attr-defined]

    for language in ("en", "zh"):
        with speaking(language):
            views = shown(properties, {})
            for view in views.values():
                assert row_of(view)["about"]
            model_of("M", properties).model_validate(views)


@pytest.mark.parametrize("element", ELEMENTS, ids=lambda element: element.name)
def test_every_declared_property_is_described_as_promised(element: object) -> None:
    for p in element.properties:  # type: ignore[attr-defined]
        view = PropertyView.model_validate(property_view(p))

        assert (view.name, view.kind, view.owner) == (p.name, p.kind, p.owner)
        assert (view.kind == "code") >= bool(view.codes)
        if view.minimum is not None and view.maximum is not None:
            assert view.minimum < view.maximum


# ---------------------------------------------------------------- states of a score


def run(**known: object) -> dict[str, object]:
    milliseconds = int(RAN.timestamp() * 1000)
    plain_run = {"run_id": "s-1", "algorithm": "s", "version": "2", "as_of": milliseconds}
    return {**plain_run, "started_at": milliseconds, **known}


def state_of(
    held: dict[str, object], runs: list[dict[str, object]], changed_at: datetime | None = None
) -> object:
    return row_of(scores([SCORE, OTHER], held, runs=runs, changed_at=changed_at)["s"])["state"]


@pytest.mark.parametrize(
    ("held", "has_run", "moved", "state"),
    [
        ({}, False, None, "not-run"),
        ({"s_level": 1}, False, None, "not-run"),
        ({"s_level": 1}, True, None, "scored"),
        ({"s_chance": 0.0}, True, None, "scored"),
        ({}, True, None, "absent"),
        ({"s_level": None, "s_chance": None}, True, None, "absent"),
        ({"s_level": 1}, True, timedelta(seconds=1), "not-scored-since-merge"),
        ({}, True, timedelta(seconds=1), "not-scored-since-merge"),
        ({"s_level": 1}, True, timedelta(seconds=-1), "scored"),
        ({"s_level": 1}, False, timedelta(seconds=1), "not-run"),
    ],
)
def test_a_score_is_in_one_of_four_states(
    held: dict[str, object], *, has_run: bool, moved: timedelta | None, state: State
) -> None:
    changed_at = None if moved is None else RAN + moved

    assert state_of(held, [run()] if has_run else [], changed_at) == state


def test_a_run_of_another_algorithm_is_none_of_this_one() -> None:
    assert state_of({"s_level": 1}, [run(algorithm="t")]) == "not-run"


def test_a_run_without_a_start_is_never_older_than_a_change() -> None:
    assert state_of({"s_level": 1}, [run(started_at=None)], RAN) == "scored"


def test_a_partly_known_score_shows_the_rest_as_unknown() -> None:
    found = row_of(scores([SCORE, OTHER], {"s_level": 3}, runs=[run()])["s"])

    values = {name: row_of(one)["value"] for name, one in row_of(found["values"]).items()}
    assert values == {"s_level": 3, "s_chance": None}


def test_a_run_is_dated_by_its_facts_and_by_its_start() -> None:
    earlier = int((RAN - timedelta(days=30)).timestamp() * 1000)

    found = brief(run(as_of=earlier))

    assert (found["as_of"], found["started_at"]) == (RAN - timedelta(days=30), RAN)
    assert (found["run_id"], found["version"]) == ("s-1", "2")
