"""A request is checked before anything is read, and its algorithms share what they read."""

from dataclasses import replace
from pathlib import Path

import pytest

from algorithms.contract import Inputs, NothingToSayError, Result
from algorithms.parameters import (
    DatedParameters,
    ParameterError,
    Parameters,
    parse_overrides,
)
from algorithms.registry import REGISTRY, Registry, UnknownAlgorithmError
from algorithms.run import Request, compute_all
from algorithms.session import UnusedOverrideError, computed, opened, prepared
from graph.language import Text
from graph.settings import Settings, read_settings
from tests.pure import Rows, Shelf, money, utc

SHOP: dict[str, Rows] = {
    "orders": [
        {
            "order_id": key,
            "customer_id": "a",
            "account_id": "x",
            "ordered_at": utc(day),
            "ordered_day": utc(day).date(),
        }
        for key, day in (("o1", "2026-01-02"), ("o2", "2026-01-05"))
    ],
    "order_lines": [
        {"order_id": "o1", "product_id": "p", "quantity": 1.0, "amount": money(2)},
        {"order_id": "o2", "product_id": "p", "quantity": 1.0, "amount": money(3)},
        {"order_id": "o2", "product_id": "q", "quantity": 1.0, "amount": money(1)},
    ],
}


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return read_settings(home=tmp_path)


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (Request(names=("rmf",)), UnknownAlgorithmError),
        (Request(overrides=parse_overrides(["rmf.x=1"])), UnknownAlgorithmError),
        (Request(overrides=parse_overrides(["copurchase.weak_q=2"])), ParameterError),
        (
            Request(names=("rfm",), overrides=parse_overrides(["copurchase.weak_q=0"])),
            UnusedOverrideError,
        ),
    ],
    ids=["unknown name", "unknown name in a parameter", "out of bounds", "not running"],
)
def test_a_slip_costs_no_reading(
    home: Settings, *, request_: Request, error: type[Exception]
) -> None:
    shelf = Shelf(SHOP)

    with pytest.raises(error):
        compute_all(shelf, request=request_, settings=home)

    assert shelf.asked == []


def test_tables_are_read_once_for_all_algorithms(home: Settings) -> None:
    shelf = Shelf(SHOP)

    compute_all(shelf, request=Request(), settings=home)

    names = [name for name, _ in shelf.asked]
    assert len(names) == len(set(names))


def test_dated_parameters_get_the_instant_of_the_command(home: Settings) -> None:
    with opened(Shelf(SHOP), Request(names=("rfm",)), settings=home) as session:
        work = prepared(session, session.order[0])

    assert isinstance(work.parameters, DatedParameters)
    assert work.parameters.as_of == utc("2026-01-05")
    assert work.record.as_of == utc("2026-01-05")


def test_rows_are_let_go_once_they_are_computed_on(home: Settings) -> None:
    with opened(Shelf(SHOP), Request(names=("rfm",)), settings=home) as session:
        work = prepared(session, session.order[0])
        before = set(work.tables)
        computed(session, work)

    assert before == {"orders", "order_lines"}
    assert work.tables == {}


def test_a_record_says_what_was_read(home: Settings) -> None:
    with opened(Shelf(SHOP), Request(names=("rfm",)), settings=home) as session:
        record = prepared(session, session.order[0]).record

    assert record.counts == {"read": {"orders": 2, "order_lines": 3}}
    assert record.window == {"orders": ["2026-01-02T00:00:00+00:00", "2026-01-05T00:00:00+00:00"]}


def test_equal_input_has_an_equal_digest_whatever_the_order_of_rows(home: Settings) -> None:
    turned = {name: rows[::-1] for name, rows in SHOP.items()}
    digests = []

    for rows in (SHOP, turned, {**SHOP, "order_lines": SHOP["order_lines"][:2]}):
        with opened(Shelf(rows), Request(names=("rfm",)), settings=home) as session:
            digests.append(prepared(session, session.order[0]).record.input_digest)

    assert digests[0] == digests[1]
    assert digests[0] != digests[2]


def test_labels_of_several_algorithms_are_one_table(home: Settings) -> None:
    found = compute_all(Shelf(SHOP), request=Request(), settings=home)

    (customer,) = found.elements["Customer"].to_pylist()
    assert customer["customer_id"] == "a"
    assert customer["first_seen_at"] == utc("2026-01-02")
    assert (customer["rfm_order_count"], customer["rfm_spend"]) == (2, money(6))


def test_a_customer_that_one_algorithm_does_not_know_keeps_the_others_values(
    home: Settings,
) -> None:
    tickets: Rows = [{"customer_id": "b", "opened_at": utc("2026-01-03")}]

    found = compute_all(Shelf({**SHOP, "tickets": tickets}), request=Request(), settings=home)

    b = found.elements["Customer"].to_pylist()[1]
    assert (b["customer_id"], b["first_seen_at"]) == ("b", utc("2026-01-03"))
    assert b["rfm_order_count"] is None


def test_runs_are_an_element_and_have_files(home: Settings) -> None:
    found = compute_all(Shelf(SHOP), request=Request(names=("rfm",)), settings=home)

    (run,) = found.elements["AlgorithmRun"].to_pylist()
    assert (run["algorithm"], run["is_current"]) == ("rfm", True)
    assert (home.home / "runs" / run["run_id"] / "Customer.parquet").exists()


def test_a_dry_run_leaves_no_files(home: Settings) -> None:
    compute_all(Shelf(SHOP), request=Request(dry_run=True), settings=home)

    assert not (home.home / "runs").exists()


def test_a_company_without_facts_has_runs_and_no_results(home: Settings) -> None:
    found = compute_all(Shelf(), request=Request(), settings=home)

    rows = {name: table.num_rows for name, table in found.elements.items()}
    assert rows.pop("AlgorithmRun") == len(REGISTRY.algorithms)
    assert set(rows.values()) == {0}


class NobodyError(NothingToSayError):
    text = Text("{n} people are too few.", "{n} 人太少。")


def mute(_inputs: Inputs, _parameters: Parameters) -> Result:
    raise NobodyError(n=0)


def test_a_method_that_has_nothing_to_say_says_why_and_stops_nobody(home: Settings) -> None:
    quiet = tuple(replace(a, compute=mute) if a.name == "rfm" else a for a in REGISTRY)
    request = Request(names=("rfm", "copurchase"), registry=Registry(quiet))

    found = compute_all(Shelf(SHOP), request=request, settings=home)

    runs = {record.algorithm: record for record in found.runs}
    assert runs["rfm"].notes == [Text("0 people are too few.", "0 人太少。")]
    assert runs["copurchase"].notes == []
    assert runs["copurchase"].metrics
    assert found.elements["Customer"].num_rows == 0


def test_what_a_reader_has_to_know_is_kept_with_the_run(home: Settings) -> None:
    note = Text("Two orders are a small sample.", "两笔订单样本太小。")
    rfm_alone = REGISTRY.named("rfm")

    def noted(inputs: Inputs, parameters: Parameters) -> Result:
        return replace(rfm_alone.compute(inputs, parameters), notes=(note,))

    request = Request(names=("rfm",), registry=Registry((replace(rfm_alone, compute=noted),)))

    found = compute_all(Shelf(SHOP), request=request, settings=home)

    assert found.runs[0].notes == [note]
    assert "edges_spend" in found.runs[0].metrics
