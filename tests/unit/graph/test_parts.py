"""A part of staging: which rows speak of what a load touches, and when a part is enough."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graph import parts
from graph.parts import (
    PART,
    WHOLE,
    draws_in_part,
    is_worth_it,
    label_of,
    register_part,
    touched_keys,
    with_schema,
)
from graph.picture import register_staging, staged_types
from graph.spec import COMPANY_LABELS, NodeSpec, fact_spec

SPEC = fact_spec()
Row = Mapping[str, object]
ORDERS: list[Row] = [
    {"order_id": "O1", "account_id": "A1", "store_id": "S1"},
    {"order_id": "O2", "account_id": "A1", "store_id": "S1"},
    {"order_id": "O3", "account_id": "A2", "store_id": "S1"},
]
POSTS: list[Row] = [
    {"post_id": "P1", "account_id": "A1"},
    {"post_id": "P2", "account_id": "A2", "reply_to_post_id": "P1"},
    {"post_id": "P3", "account_id": "A3", "reply_to_account_id": "A2"},
]
EVIDENCE: list[Row] = [
    {"account_id": "A1", "identifier_key": "I1"},
    {"account_id": "A2", "identifier_key": "I1"},
    {"account_id": "A3", "identifier_key": "I2"},
]


class Staged:
    """Staged rows of one source, in a connection that has views of them all."""

    def __init__(self, folder: Path, connection: duckdb.DuckDBPyConnection) -> None:
        self.folder, self.connection = folder, connection

    def file(self, table: str, rows: list[Row], *, name: str = "all") -> Path:
        kinds = staged_types(SPEC.tables[table])
        columns = {c: pa.array([row.get(c) for row in rows], pa.string()) for c in kinds}
        columns["source"] = pa.array(["shop"] * len(rows), pa.string())
        path = self.folder / f"{table}.{name}.parquet"
        pq.write_table(pa.table(columns), path)
        return path

    def stand(self, **tables: list[Row]) -> None:
        files = {("shop", name): (self.file(name, rows),) for name, rows in tables.items()}
        register_staging(self.connection, SPEC, files=files, ranks={"shop": 0})

    def touch(self, **tables: list[Row]) -> None:
        files = {t: [self.file(t, rows, name="touched")] for t, rows in tables.items()}
        register_part(self.connection, SPEC, touched=files)

    def keys(self, label: str) -> set[str]:
        rows = self.connection.sql(f'SELECT key FROM "{touched_keys(label)}"').fetchall()
        assert len(rows) == len(set(rows))
        return {key for (key,) in rows}

    def part(self, table: str, column: str) -> list[str]:
        query = f'SELECT "{column}" FROM {PART}."{table}" ORDER BY ALL'
        return [value for (value,) in self.connection.sql(query).fetchall()]


@pytest.fixture
def staged(tmp_path: Path) -> Iterator[Staged]:
    with duckdb.connect() as connection:
        yield Staged(tmp_path, connection)


# ------------------------------------------------------------------------ what is drawn in parts


def test_what_one_source_owns_is_drawn_by_its_own_key() -> None:
    assert draws_in_part(SPEC, "Account") == "account_id"
    assert draws_in_part(SPEC, "Order") == "order_id"
    assert draws_in_part(SPEC, "Identifier") == "identifier_key"


def test_what_the_company_shares_is_drawn_whole() -> None:
    shared = {name: draws_in_part(SPEC, name) for name in COMPANY_LABELS & SPEC.nodes.keys()}

    assert shared
    assert set(shared.values()) == {""}
    assert draws_in_part(SPEC, "Product-OF_BRAND-Brand") == ""


@pytest.mark.parametrize(
    ("element", "label"),
    [
        ("Order-CONTAINS-Product", "Order"),
        ("Account-PLACED-Order", "Account"),
        ("Post-REPLIES_TO-Account", "Post"),
        ("Account-VIEWED-Category", "Account"),
        ("Ticket", "Ticket"),
    ],
)
def test_a_link_is_drawn_by_the_end_that_few_rows_name(element: str, label: str) -> None:
    named = SPEC.element(element)

    column = draws_in_part(SPEC, element)

    assert label_of(SPEC, element) == label
    assert column == (named.key if isinstance(named, NodeSpec) else "start_id")


def test_every_element_is_drawn_by_a_key_of_its_label_or_whole() -> None:
    names = [*SPEC.nodes, *SPEC.relationships]

    for name in names:
        is_in_part = bool(draws_in_part(SPEC, name))
        assert is_in_part == (label_of(SPEC, name) not in COMPANY_LABELS), name


# ------------------------------------------------------------------------ when a part is enough


@pytest.mark.parametrize(("changed", "is_enough"), [(0, True), (1, True), (2, False)])
def test_up_to_an_eighth_of_the_rows_a_part_is_enough(
    staged: Staged, changed: int, *, is_enough: bool
) -> None:
    staged.stand(orders=[{"order_id": f"O{n}"} for n in range(8)])
    touched = staged.file("orders", [{"order_id": f"O{n}"} for n in range(changed)], name="new")

    assert is_worth_it(staged.connection, {"orders": [touched]}) is is_enough


def test_rows_as_they_were_and_as_they_become_both_count(
    staged: Staged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "MOST_SHARE", 0.5)
    staged.stand(orders=[{"order_id": f"O{n}"} for n in range(4)])
    one, other, third = (
        staged.file("orders", [{"order_id": f"O{n}"}], name=f"touched-{n}") for n in range(3)
    )

    assert is_worth_it(staged.connection, {"orders": [one, other]})
    assert not is_worth_it(staged.connection, {"orders": [one, other, third]})


def test_tables_that_a_load_does_not_touch_make_no_part_of_it_small(staged: Staged) -> None:
    staged.stand(orders=[{"order_id": "O1"}], posts=[{"post_id": f"P{n}"} for n in range(99)])
    touched = staged.file("orders", [{"order_id": "O1"}], name="new")

    assert not is_worth_it(staged.connection, {"orders": [touched]})


# ------------------------------------------------------------------------ the part


def test_keys_are_touched_wherever_a_row_names_them(staged: Staged) -> None:
    staged.stand(orders=ORDERS, posts=POSTS)

    staged.touch(orders=[ORDERS[0]], posts=[POSTS[1]])

    assert staged.keys("Order") == {"O1"}
    assert staged.keys("Account") == {"A1", "A2"}
    # the post, and the one that it answers
    assert staged.keys("Post") == {"P1", "P2"}
    assert staged.keys("Ticket") == set()


def test_a_node_that_no_other_row_names_is_touched_by_its_own_key(staged: Staged) -> None:
    balances: list[Row] = [{"balance_id": f"B{n}", "account_id": f"A{n}"} for n in range(3)]
    staged.stand(balances=balances)

    staged.touch(balances=balances[:1])

    assert (staged.keys("Balance"), staged.keys("Account")) == ({"B0"}, {"A0"})
    assert staged.part("balances", "balance_id") == ["B0"]


def test_a_part_has_every_row_that_speaks_of_what_is_touched(staged: Staged) -> None:
    staged.stand(orders=ORDERS, posts=POSTS)

    staged.touch(orders=[ORDERS[2]])

    # A2 placed O3, wrote P2, and is answered in P3
    assert staged.part("orders", "order_id") == ["O3"]
    assert staged.part("posts", "post_id") == ["P2", "P3"]


def test_an_identifier_brings_everybody_who_is_on_it(staged: Staged) -> None:
    staged.stand(identifiers=EVIDENCE)

    staged.touch(identifiers=[EVIDENCE[0]])

    assert staged.part("identifiers", "account_id") == ["A1", "A2"]


def test_a_row_without_a_key_touches_nothing_by_it(staged: Staged) -> None:
    staged.stand(orders=[*ORDERS, {"order_id": "O9"}])

    staged.touch(orders=[{"order_id": "O9"}])

    assert staged.keys("Account") == set()
    assert staged.part("orders", "order_id") == ["O9"]


def test_a_store_that_many_orders_name_does_not_make_them_touched(staged: Staged) -> None:
    staged.stand(orders=ORDERS)

    staged.touch(orders=[ORDERS[2]])

    assert staged.part("orders", "order_id") == ["O3"]


def test_shared_tables_are_whole_in_every_part(staged: Staged) -> None:
    staged.stand(orders=ORDERS, stores=[{"store_id": "S1"}, {"store_id": "S2"}])

    staged.touch(orders=[ORDERS[0]])

    assert staged.part("stores", "store_id") == ["S1", "S2"]
    assert staged.part("merged_stores", "store_id") == ["S1", "S2"]


def test_a_load_that_touches_nothing_has_an_empty_part(staged: Staged) -> None:
    staged.stand(orders=ORDERS)

    staged.touch()

    assert staged.part("orders", "order_id") == []


def test_the_same_name_finds_a_part_or_all_rows(staged: Staged) -> None:
    staged.stand(orders=ORDERS)
    staged.touch(orders=[ORDERS[2]])
    counted = []

    for schema in (PART, WHOLE):
        with_schema(staged.connection, schema)
        counted += staged.connection.sql('SELECT count(*) FROM "orders"').fetchall()

    assert counted == [(1,), (3,)]
