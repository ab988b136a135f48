"""How declared values are asked for and shown."""

from datetime import UTC, datetime

import pytest
from pydantic import BaseModel, ValidationError

from api.views import (
    by_owner,
    facts_of,
    instant,
    maps,
    model_of,
    plain,
    projection,
    row_of,
    show,
    shown,
    texts,
    whole,
)
from graph.language import Text, speaking
from graph.properties import Kind
from graph.spec import PropertySpec, fact_spec

RECENCY = PropertySpec(
    "rfm_recency_days",
    "number",
    Text("Days since", "距今天数"),
    unit="days",
    minimum=0,
    owner="rfm",
)
CITY = PropertySpec("city", "text", Text("City", "城市"))
SPEND = PropertySpec("spend", "money", Text("Spend", "消费"))


def of_kind(kind: Kind) -> PropertySpec:
    return PropertySpec("it", kind, Text("It", "它"))


def test_a_computed_value_is_shown_as_inferred_with_its_unit() -> None:
    assert show(RECENCY, 3.5) == {
        "value": 3.5,
        "unit": "days",
        "about": "Days since",
        "basis": "inferred",
    }


def test_a_fact_is_shown_as_observed() -> None:
    assert show(CITY, "上海")["basis"] == "observed"


def test_the_meaning_follows_the_language() -> None:
    with speaking("zh"):
        assert show(CITY, "上海")["about"] == "城市"


def test_money_is_in_the_companys_currency() -> None:
    assert show(SPEND, 1.0)["unit"] == "currency"


def test_every_declared_value_is_shown_known_or_not() -> None:
    values = shown([RECENCY, CITY], {"city": "上海"})

    assert list(values) == ["rfm_recency_days", "city"]
    assert values["rfm_recency_days"] == show(RECENCY, None)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        (1, datetime(1970, 1, 1, 0, 0, 0, 1000, tzinfo=UTC)),
        (-1, datetime(1969, 12, 31, 23, 59, 59, 999000, tzinfo=UTC)),
        (1767225600123, datetime(2026, 1, 1, 0, 0, 0, 123000, tzinfo=UTC)),
        (-2208988800000, datetime(1900, 1, 1, tzinfo=UTC)),
        (None, None),
    ],
)
def test_milliseconds_are_instants(raw: int | None, expected: datetime | None) -> None:
    assert instant(raw) == expected


def test_json_text_is_shown_as_what_it_says() -> None:
    assert plain(of_kind("json"), '{"shoe": 38}') == {"shoe": 38}
    assert plain(of_kind("json"), None) is None


def test_times_are_asked_for_as_milliseconds_and_days_as_text() -> None:
    properties = [
        CITY,
        PropertySpec("opened_on", "date", Text("", "")),
        PropertySpec("at", "time", Text("", "")),
    ]

    asked = projection("s", properties)

    assert asked == "s{.city, opened_on: toString(s.opened_on), at: s.at.epochMillis}"


def test_scores_are_grouped_by_who_computes_them() -> None:
    churn = PropertySpec("churn_level", "integer", Text("", ""), owner="churn")
    n_accounts = PropertySpec("n_accounts", "integer", Text("", ""), owner="identity")

    grouped = by_owner([CITY, RECENCY, n_accounts, churn])

    assert grouped == {"rfm": [RECENCY], "churn": [churn]}


def test_bookkeeping_is_no_fact_about_an_account() -> None:
    names = {p.name for p in facts_of(fact_spec(), "Account")}

    assert {"kind", "city", "attributes"} <= names
    assert not names & {"account_id", "loaded_at", "touched_at", "attribute_values"}


def test_a_model_has_a_field_for_each_property_with_its_meaning() -> None:
    model = model_of("Scores", [RECENCY, CITY])

    fields = model.model_json_schema()["properties"]
    assert list(fields) == ["rfm_recency_days", "city"]
    assert fields["rfm_recency_days"]["description"] == "Days since; unit: days; range: 0.."


def test_a_range_and_codes_are_part_of_a_description() -> None:
    properties = [
        PropertySpec("p", "number", Text("Chance", ""), minimum=0, maximum=1),
        PropertySpec("c", "code", Text("Kind", ""), codes=("a", "b")),
    ]

    fields = model_of("M", properties).model_json_schema()["properties"]

    assert fields["p"]["description"] == "Chance; range: 0..1"
    assert fields["c"]["description"] == "Kind; one of: a, b"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("key", "k"),
        ("text", "t"),
        ("code", "c"),
        ("time", datetime(2026, 1, 1, tzinfo=UTC)),
        ("date", "2026-01-01"),
        ("integer", 3),
        ("number", 0.5),
        ("money", 12.34),
        ("boolean", True),
        ("json", {"a": [1, None]}),
        ("texts", ["a", "b"]),
    ],
)
def test_the_model_takes_every_kind_of_value_and_its_absence(kind: Kind, value: object) -> None:
    model: type[BaseModel] = model_of("M", [of_kind(kind)])

    for held in (value, None):
        model.model_validate({"it": show(of_kind("text"), held)})


def test_the_model_refuses_a_value_of_another_kind() -> None:
    model = model_of("M", [of_kind("integer")])

    with pytest.raises(ValidationError):
        model.model_validate({"it": show(of_kind("text"), "three")})


def test_parts_of_a_row_are_read_by_their_form() -> None:
    assert maps([{"a": 1}]) == [{"a": 1}]
    assert maps(None) == []
    assert row_of({"a": 1}) == {"a": 1}
    assert row_of(None) == {}
    assert whole(3) == 3
    assert whole(None) == 0


def test_texts_are_distinct_known_and_sorted() -> None:
    assert texts(["b", None, "a", "b"]) == ["a", "b"]
