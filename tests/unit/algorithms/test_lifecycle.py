"""Stages of life, when they begin, and who moves between them."""

from datetime import datetime, timedelta
from itertools import count

import pytest

from algorithms.contract import Result
from algorithms.lifecycle import ALGORITHM, NobodyKnownError
from algorithms.lifecycle_words import LABELS
from algorithms.parameters import ParameterError
from tests.pure import Rows, money, result_of, rows_of, utc

NUMBERS = count()
# the company's gap is not to move with every customer of a test: 10 days, as of two gaps
CALM = {"minimum_days": "1", "default_days": "10"}


def bought(customer: str, *days: str, **more: object) -> Rows:
    """Return orders of a customer on some days, or at some times."""
    return [
        {
            "order_id": f"o{next(NUMBERS)}",
            "customer_id": customer,
            "ordered_at": utc(day),
            "ordered_day": utc(day).date(),
            "amount": money(1),
            **more,
        }
        for day in days
    ]


def placed(
    *orders: Rows,
    as_of: str,
    others: tuple[str, ...] = (),
    settings: dict[str, str] | None = None,
) -> Result:
    """Place the customers of some orders, and others who have none."""
    every = [order for rows in orders for order in rows]
    ids = {str(order["customer_id"]) for order in every} | set(others)
    customers: Rows = [
        {"customer_id": key, "first_seen_at": utc("2025-12-01")} for key in sorted(ids)
    ]
    rows: dict[str, Rows] = {"orders": every, "customers": customers}
    return result_of(ALGORITHM, rows, settings={**CALM, **(settings or {})}, as_of=as_of)


def stages(result: Result) -> dict[str, str]:
    frame = result.frames["Customer"]
    return dict(zip(frame["customer_id"], frame["lifecycle_stage"], strict=True))


def since(result: Result, customer: str = "a") -> object:
    rows = rows_of(result.frames["Customer"], "customer_id", "lifecycle_since")
    return {row[0]: row[1] for row in rows}[customer]


def just_after(moment: str) -> datetime:
    return utc(moment) + timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("as_of", "stage", "began"),
    [
        ("2026-01-01", "new", utc("2026-01-01")),
        # one purchase: the rhythm is the company's 10 days
        ("2026-01-16", "new", utc("2026-01-01")),
        ("2026-01-17", "cooling", just_after("2026-01-16")),
        ("2026-01-31", "cooling", just_after("2026-01-16")),
        ("2026-02-01", "sleeping", just_after("2026-01-31")),
        ("2026-03-02", "sleeping", just_after("2026-01-31")),
        ("2026-03-03", "lost", just_after("2026-03-02")),
        ("2030-01-01", "lost", just_after("2026-03-02")),
    ],
)
def test_silence_makes_stages_one_after_the_other(
    as_of: str, *, stage: str, began: datetime
) -> None:
    result = placed(bought("a", "2026-01-01"), as_of=as_of)

    assert stages(result) == {"a": stage}
    assert since(result) == began


def test_whoever_never_bought_is_a_prospect_since_they_were_seen() -> None:
    result = placed(bought("a", "2026-01-01"), others=("b",), as_of="2026-01-02")

    assert stages(result) == {"a": "new", "b": "prospect"}
    assert since(result, "b") == utc("2025-12-01")
    assert result.frames["Customer"]["lifecycle_rhythm_days"].isna().tolist() == [False, True]


def test_without_any_order_all_are_prospects() -> None:
    result = placed(others=("a", "b"), as_of="2026-01-02")

    assert set(stages(result).values()) == {"prospect"}
    assert result.notes[0].en == "Nobody has bought yet: all are prospects."


def test_without_customers_there_is_nothing_to_say() -> None:
    with pytest.raises(NobodyKnownError, match="there are no customers"):
        placed(as_of="2026-01-02")


def test_a_second_purchase_in_rhythm_makes_active_since_that_purchase() -> None:
    result = placed(bought("a", "2026-01-01", "2026-01-11", "2026-01-21"), as_of="2026-01-25")

    assert stages(result) == {"a": "active"}
    assert since(result) == utc("2026-01-11")


def test_active_begins_again_after_cooling() -> None:
    # the gap of 25 days lies between 1.5 and 3 times the rhythm of 10
    days = ("2026-01-01", "2026-01-11", "2026-02-05", "2026-02-10")

    result = placed(bought("a", *days), bought("b", "2026-01-01", "2026-01-11"), as_of="2026-02-12")

    assert stages(result)["a"] == "active"
    assert since(result) == utc("2026-02-05")


def test_whoever_comes_back_from_sleep_has_returned_and_is_active_with_the_next() -> None:
    # 60 days of silence are more than three times the rhythm
    back = bought("a", "2026-01-01", "2026-01-11", "2026-03-12")
    calm = bought("b", "2026-01-01", "2026-01-11")

    returned = placed(back, calm, as_of="2026-03-13")
    active = placed(back, bought("a", "2026-03-20"), calm, as_of="2026-03-21")

    assert stages(returned)["a"] == "returned"
    assert since(returned) == utc("2026-03-12")
    assert stages(active)["a"] == "active"
    assert since(active) == utc("2026-03-20")


def test_own_gaps_are_shrunk_to_the_companys() -> None:
    # gaps of 4 and 16 days: the company's is their median, 10; weighted as two gaps
    orders = [bought("a", "2026-01-01", "2026-01-05"), bought("b", "2026-01-01", "2026-01-17")]

    result = placed(*orders, as_of="2026-01-20")

    rhythms = result.frames["Customer"]["lifecycle_rhythm_days"].tolist()
    assert rhythms == [(2 * 10 + 4) / 3, (2 * 10 + 16) / 3]
    assert result.metrics["company_gap_days"] == 10
    assert result.metrics["repeaters"] == 2


def test_the_company_speaks_with_one_voice_a_customer() -> None:
    daily = bought("a", *(f"2026-01-{day:02d}" for day in range(1, 31)))

    result = placed(
        daily,
        bought("b", "2026-01-01", "2026-01-11"),
        bought("c", "2026-01-01", "2026-01-21"),
        as_of="2026-02-01",
    )

    # mean gaps are 1, 10 and 20; the median of all 31 gaps would be 1
    assert result.metrics["company_gap_days"] == 10


def test_a_rhythm_is_never_shorter_than_the_shortest() -> None:
    daily = bought("a", *(f"2026-01-{day:02d}" for day in range(1, 31)))

    result = placed(daily, as_of="2026-02-01", settings={"minimum_days": "7"})

    assert result.frames["Customer"]["lifecycle_rhythm_days"].tolist() == [7.0]


def test_orders_of_one_day_are_one_purchase() -> None:
    result = placed(bought("a", "2026-01-01T08:00", "2026-01-01T20:00"), as_of="2026-01-02")

    assert stages(result) == {"a": "new"}
    assert since(result) == utc("2026-01-01T08:00")


def test_pure_returns_and_cancelled_orders_are_no_purchases() -> None:
    result = placed(
        bought("a", "2026-01-01"),
        bought("a", "2026-01-08", amount=money(-1)),
        bought("a", "2026-01-09", status="cancelled"),
        as_of="2026-01-10",
    )

    assert stages(result) == {"a": "new"}


def test_limits_must_rise() -> None:
    with pytest.raises(ParameterError, match=r"lifecycle\.cooling cannot be"):
        placed(bought("a", "2026-01-01"), as_of="2026-01-02", settings={"cooling": "1"})


def test_a_higher_first_limit_needs_higher_ones_behind_it() -> None:
    with pytest.raises(ParameterError, match=r"lifecycle\.cooling cannot be"):
        placed(bought("a", "2026-01-01"), as_of="2026-01-02", settings={"active": "4"})


def test_flows_tell_who_was_where_and_is_where() -> None:
    result = placed(
        bought("a", "2026-01-01"),
        bought("b", "2026-01-25"),
        bought("c", "2025-06-01", "2026-01-30"),
        others=("d",),
        as_of="2026-01-31",
        settings={"flow_days": "20", "default_days": "10"},
    )

    flows = result.metrics["flows"]
    assert isinstance(flows, dict)
    table = {
        (old, new): n
        for old, row in zip(flows["stages"], flows["table"], strict=True)
        for new, n in zip(flows["stages"], row, strict=True)
        if n
    }
    # c's one gap of 243 days is the company's: nobody else is silent for long
    assert table == {
        ("new", "new"): 1,
        ("prospect", "new"): 1,
        ("new", "active"): 1,
        ("prospect", "prospect"): 1,
    }
    assert sum(map(sum, flows["table"])) == 4
    assert flows["days"] == 20


def test_stages_are_counted_and_labelled() -> None:
    result = placed(bought("a", "2026-01-01"), others=("b", "c"), as_of="2026-01-02")

    counts = result.metrics["stages"]
    assert isinstance(counts, dict)
    assert list(counts) == list(LABELS)
    assert {code: n for code, n in counts.items() if n} == {"prospect": 2, "new": 1}
    assert set(result.groups["lifecycle_stage"]) == set(LABELS)


def test_what_the_companys_gap_rests_on_is_said() -> None:
    alone = placed(bought("a", "2026-01-01"), as_of="2026-01-02")
    few = placed(bought("a", "2026-01-01", "2026-01-11"), as_of="2026-01-12")

    assert alone.notes[0].en == ("Nobody bought on two days: the company's gap is set to 10 days.")
    assert few.notes[0].en == "The company's gap rests on 1 customers who came back."
    assert all(note.zh for note in (*alone.notes, *few.notes))


@pytest.mark.parametrize(
    ("stage", "en"),
    [
        ("prospect", "Prospect since 2026-01-02: has not bought yet."),
        (
            "sleeping",
            "Sleeping since 2026-01-02: silent for more than 3 times their rhythm of 12.3 days.",
        ),
        (
            "returned",
            "Returned since 2026-01-02: came back after more than 3 times their rhythm of that "
            "time.",
        ),
    ],
)
def test_a_stage_is_explained(stage: str, en: str) -> None:
    customer: dict[str, object] = {
        "lifecycle_stage": stage,
        "lifecycle_since": utc("2026-01-02"),
        "lifecycle_rhythm_days": 12.345,
    }
    assert ALGORITHM.explain

    said = ALGORITHM.explain(customer, {"limits": [1.5, 3.0, 6.0]})

    assert said.en == en
    assert said.zh.startswith(LABELS[stage].zh)


@pytest.mark.parametrize("stage", LABELS)
def test_every_stage_can_be_explained_with_little_knowledge(stage: str) -> None:
    assert ALGORITHM.explain

    said = ALGORITHM.explain({"lifecycle_stage": stage}, {})

    assert said.en.startswith(LABELS[stage].en)
    assert "{" not in said.en + said.zh
