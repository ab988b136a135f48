"""Listings at their edges: nothing, exactly a page, one more; and cursors that were touched."""

import base64
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from algorithms.registry import computed_spec
from api import catalogue, listings, runs
from api.catalogue import CategoryNotFoundError, ProductNotFoundError
from api.cursors import CursorError
from api.models import (
    RunView,
    account_page_model,
    order_model,
    partner_model,
    product_model,
)
from api.pages import END_OF_TIME, Page, Part
from api.profile import CustomerMovedError, CustomerNotFoundError, CustomerRetiredError
from api.runs import RunNotFoundError
from api.views import Ask, Row, facts_of, row_of
from graph.errors import KithError

SPEC = computed_spec()
NOON = 1_767_268_800_000  # 2026-01-01T12:00:00Z
LIMIT = 3


def order_item(place: int) -> Row:
    facts: dict[str, object] = {p.name: None for p in facts_of(SPEC, "Order")}
    return {
        "order_id": f"erp:{place}",
        "at": NOON - place,
        "account_id": "erp:U1",
        "store_id": None,
        "n_lines": 2,
        "value": 129_900 + place,
        "facts": {**facts, "ordered_at": NOON - place},
    }


def account_item(place: int) -> Row:
    facts: dict[str, object] = {p.name: None for p in facts_of(SPEC, "Account")}
    seen = {"kind": "phone", "masked": "138****5678", "state": "linking", "reason": None}
    return {
        "account_id": f"crm:{place}",
        "account": {
            "account_id": f"crm:{place}",
            "rule": None,
            "confidence": None,
            "since": NOON,
            "facts": {**facts, "source": "crm"},
        },
        "identifiers": [{**seen, "first_seen_at": None, "last_seen_at": NOON, "sources": ["crm"]}],
    }


def partner_item(place: int) -> Row:
    return {"id": f"p{place}", "lift": 10.5 - place, "name": None, "values": {"lift": 10.5 - place}}


def run_item(place: int) -> Row:
    return {"at": NOON - place, "run_id": f"rfm-{place}", "run": run_row(f"rfm-{place}")}


def run_row(run_id: str) -> Row:
    return {
        "run_id": run_id,
        "algorithm": "rfm",
        "version": "1",
        "as_of": NOON,
        "started_at": NOON,
        "kind": "score",
        "seconds": 1.5,
        "is_current": True,
        "parameters": '{"as_of": null}',
        "window": '{"orders": ["2024-07-01", "2026-06-30"]}',
        "counts": '{"customers": 12}',
        "metrics": None,
    }


@dataclass(frozen=True)
class Kind:
    """One listing: how it is read, what an item of it is, where it begins, its model."""

    read: Callable[[Ask, Page], Part]
    item: Callable[[int], Row]
    start: Mapping[str, object]


KINDS = {
    "orders": Kind(
        lambda ask, page: listings.orders(ask, "c1", page=page, spec=SPEC),
        order_item,
        {"after_at": END_OF_TIME, "after_order_id": ""},
    ),
    "accounts": Kind(
        lambda ask, page: listings.accounts(ask, "c1", page=page, spec=SPEC),
        account_item,
        {"after_account_id": ""},
    ),
    "product partners": Kind(
        lambda ask, page: catalogue.product_partners(ask, "p", page=page, spec=SPEC),
        partner_item,
        {"after_lift": math.inf, "after_id": ""},
    ),
    "category partners": Kind(
        lambda ask, page: catalogue.category_partners(ask, "k", page=page, spec=SPEC),
        partner_item,
        {"after_lift": math.inf, "after_id": ""},
    ),
    "runs": Kind(
        lambda ask, page: runs.runs(ask, page=page),
        run_item,
        {"after_at": END_OF_TIME, "after_run_id": ""},
    ),
}
every_kind = pytest.mark.parametrize("kind", list(KINDS.values()), ids=list(KINDS))


class Shelf:
    """Answers with the first items that it holds, as many as are asked for."""

    def __init__(self, items: list[Row]) -> None:
        self._items = items
        self.asked: list[Mapping[str, object]] = []

    def __call__(self, query: str, parameters: Mapping[str, object]) -> list[Row]:
        self.asked.append(parameters)
        n = parameters["n"]
        assert isinstance(n, int)
        return [{"items": self._items[:n]}]


def first_page(kind: Kind, n: int) -> tuple[Part, Shelf]:
    shelf = Shelf([kind.item(place) for place in range(n)])
    return kind.read(shelf, Page(limit=LIMIT)), shelf


# ---------------------------------------------------------------- edges of a page


@every_kind
@pytest.mark.parametrize(
    ("n", "n_shown", "goes_on"),
    [(0, 0, False), (1, 1, False), (LIMIT, LIMIT, False), (LIMIT + 1, LIMIT, True), (99, 3, True)],
)
def test_a_page_is_never_longer_than_asked_and_says_whether_it_goes_on(
    kind: Kind, n: int, *, n_shown: int, goes_on: bool
) -> None:
    part, _ = first_page(kind, n)

    assert len(part.items) == n_shown
    assert (part.cursor is not None) is goes_on


@every_kind
def test_a_listing_begins_at_its_start_and_asks_for_one_more(kind: Kind) -> None:
    _, shelf = first_page(kind, 1)

    (asked,) = shelf.asked
    assert {name: asked[name] for name in kind.start} == kind.start
    assert asked["n"] == LIMIT + 1


@every_kind
def test_the_next_page_begins_after_the_last_item_shown_not_after_the_one_held_back(
    kind: Kind,
) -> None:
    part, shelf = first_page(kind, LIMIT + 1)

    kind.read(shelf, Page(limit=LIMIT, cursor=part.cursor))

    last = kind.item(LIMIT - 1)
    asked = shelf.asked[1]
    assert {name: asked[name] for name in kind.start} == {
        name: last[name.removeprefix("after_")] for name in kind.start
    }


# ---------------------------------------------------------------- cursors that were touched


def flipped(cursor: str, place: int) -> str:
    """Return a cursor with one bit of one letter's meaning changed."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    changed = letters[letters.index(cursor[place]) ^ 32]
    return cursor[:place] + changed + cursor[place + 1 :]


@every_kind
@pytest.mark.parametrize("place", range(4, 12))
def test_a_touched_mark_is_refused_before_anything_is_asked(kind: Kind, place: int) -> None:
    part, _ = first_page(kind, LIMIT + 1)
    assert part.cursor is not None
    shelf = Shelf([])

    with pytest.raises(CursorError):
        kind.read(shelf, Page(limit=LIMIT, cursor=flipped(part.cursor, place)))

    assert shelf.asked == []


@every_kind
def test_a_cut_or_lengthened_cursor_is_refused(kind: Kind) -> None:
    part, _ = first_page(kind, LIMIT + 1)
    assert part.cursor is not None

    for touched in (part.cursor[:-3], part.cursor[:10], f"{part.cursor}AAAA", f"{part.cursor} "):
        with pytest.raises(CursorError):
            kind.read(Shelf([]), Page(limit=LIMIT, cursor=touched))


@pytest.mark.parametrize("other", [name for name in KINDS if name != "orders"])
def test_a_cursor_of_another_listing_is_refused(other: str) -> None:
    part, _ = first_page(KINDS[other], LIMIT + 1)

    with pytest.raises(CursorError):
        KINDS["orders"].read(Shelf([]), Page(limit=LIMIT, cursor=part.cursor))


def test_a_cursor_of_another_customer_is_refused() -> None:
    part, _ = first_page(KINDS["orders"], LIMIT + 1)

    with pytest.raises(CursorError):
        listings.orders(Shelf([]), "c2", page=Page(limit=LIMIT, cursor=part.cursor), spec=SPEC)


def test_a_cursor_of_other_filters_is_refused() -> None:
    part, _ = first_page(KINDS["runs"], LIMIT + 1)

    with pytest.raises(CursorError):
        runs.runs(Shelf([]), page=Page(limit=LIMIT, cursor=part.cursor), algorithm="rfm")


def test_a_cursor_shows_no_customer_and_no_filter() -> None:
    part, _ = first_page(KINDS["orders"], LIMIT + 1)
    assert part.cursor is not None

    held = json.loads(base64.urlsafe_b64decode(part.cursor + "=" * (-len(part.cursor) % 4)))

    assert held[1:] == [NOON - 2, "erp:2"]
    assert "c1" not in held[0]


# ---------------------------------------------------------------- what an item shows


def test_an_order_is_worth_its_ten_thousandths_in_currency() -> None:
    part, _ = first_page(KINDS["orders"], 1)

    (shown,) = part.items
    assert shown["value"] == 12.99
    assert row_of(row_of(shown["facts"])["ordered_at"])["value"] == datetime(
        2026, 1, 1, 12, tzinfo=UTC
    )
    order_model(SPEC).model_validate(shown)


def test_the_key_of_sorting_is_not_part_of_an_order() -> None:
    part, _ = first_page(KINDS["orders"], 1)

    assert set(part.items[0]) == {
        "order_id",
        "account_id",
        "store_id",
        "n_lines",
        "value",
        "facts",
    }


def test_an_account_brings_its_masked_identifiers() -> None:
    part, _ = first_page(KINDS["accounts"], 1)

    shown = account_page_model(SPEC).model_validate(part.items[0]).model_dump(mode="json")

    assert [(held["kind"], held["masked"]) for held in shown["identifiers"]] == [
        ("phone", "138****5678")
    ]
    assert shown["identifiers"][0]["last_seen_at"] == "2026-01-01T12:00:00Z"


@pytest.mark.parametrize("label", ["Product", "Category"])
def test_a_partner_shows_its_evidence_as_inferred(label: str) -> None:
    part, _ = first_page(KINDS[f"{label.lower()} partners"], 1)

    shown = partner_model(SPEC, label).model_validate(part.items[0]).model_dump()

    assert shown["values"]["lift"]["value"] == 10.5
    assert {held["basis"] for held in shown["values"].values()} == {"inferred"}


def test_what_a_run_noted_is_shown_as_what_it_says() -> None:
    shown = RunView.model_validate(runs.run(lambda *_: [{"run": run_row("rfm-1")}], "rfm-1"))

    assert shown.window == {"orders": ["2024-07-01", "2026-06-30"]}
    assert shown.counts == {"customers": 12}
    assert shown.metrics is None
    assert shown.as_of == datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_filters_of_runs_reach_the_question_as_values() -> None:
    shelf = Shelf([])

    runs.runs(shelf, page=Page(limit=1), algorithm="x' OR 1=1 //", current=False)

    assert shelf.asked[0]["algorithm"] == "x' OR 1=1 //"
    assert shelf.asked[0]["current"] is False


def test_current_runs_are_found_by_their_algorithm() -> None:
    rows: list[Row] = [
        {"run": {**run_row("a-1"), "algorithm": "a"}},
        {"run": {**run_row("b-1"), "algorithm": "b"}},
    ]

    found = runs.current_runs(lambda *_: rows)

    assert {name: run["run_id"] for name, run in found.items()} == {"a": "a-1", "b": "b-1"}


def test_an_article_is_shown_with_where_it_stands_and_what_was_worked_out() -> None:
    held: dict[str, object] = {p.name: None for p in SPEC.nodes["Product"].properties}
    row: Row = {
        "product": {**held, "name": "手机壳", "price": 59.9, "attributes": '{"颜色": "黑色"}'},
        "category_ids": ["erp:C010102"],
        "brand_ids": [],
        "runs": [],
    }

    found = catalogue.product(lambda *_: [row], "erp:SKU1", spec=SPEC)

    shown = product_model(SPEC).model_validate(found).model_dump()
    assert shown["facts"]["price"]["value"] == 59.9
    assert shown["facts"]["price"]["unit"] == "currency"
    assert shown["facts"]["attributes"]["value"] == {"颜色": "黑色"}
    assert {score["state"] for score in shown["scores"].values()} == {"not-run"}


# ---------------------------------------------------------------- what does not exist


@pytest.mark.parametrize(
    ("survivor", "error"),
    [
        ([], CustomerNotFoundError),
        ([{"survivor": None}], CustomerRetiredError),
        ([{"survivor": "c2"}], CustomerMovedError),
    ],
)
@pytest.mark.parametrize("name", ["orders", "accounts"])
def test_a_listing_of_nobody_says_what_became_of_the_customer(
    name: str, *, survivor: list[Row], error: type[KithError]
) -> None:
    answers = iter([[], survivor])

    with pytest.raises(error):
        KINDS[name].read(lambda *_: next(answers), Page(limit=LIMIT))


@pytest.mark.parametrize(
    ("name", "error"),
    [("product partners", ProductNotFoundError), ("category partners", CategoryNotFoundError)],
)
def test_partners_of_nothing_are_not_found(name: str, error: type[KithError]) -> None:
    with pytest.raises(error):
        KINDS[name].read(lambda *_: [], Page(limit=LIMIT))


def test_an_unknown_article_and_run_are_not_found_by_their_key() -> None:
    with pytest.raises(ProductNotFoundError, match="SKU404"):
        catalogue.product(lambda *_: [], "SKU404", spec=SPEC)
    with pytest.raises(RunNotFoundError, match="rfm-404"):
        runs.run(lambda *_: [], "rfm-404")


def test_runs_of_an_empty_graph_are_an_empty_page() -> None:
    assert runs.runs(lambda *_: [], page=Page(limit=LIMIT)) == Part(items=[], cursor=None)
