"""Laws of storage, on random rows: differences apply, pictures have no order, merges settle."""

import hashlib
import hmac
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.difference import Difference, compare, rows_in
from graph.engine import unspilling
from graph.picture import element_queries, register_staging, staged_types
from graph.secret import hmac_pads, hmac_sql
from graph.spec import fact_spec
from graph.vault import COLUMNS, MANY, merge

pytestmark = pytest.mark.slow

Table = dict[tuple[str, int], int | None]
Entry = tuple[str, str, str, str]
Product = tuple[str, str, str | None, int | None]

SOME = settings(max_examples=40, deadline=None)
SCHEMA = pa.schema([("id", pa.string()), ("line", pa.int64()), ("value", pa.int64())])
TABLES = st.dictionaries(
    st.tuples(st.sampled_from("abc"), st.integers(1, 3)), st.none() | st.integers(0, 2)
)


# ---------------------------------------------------------------------------- differences


@contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def write(table: Table, path: Path) -> Path:
    rows = [{"id": key, "line": line, "value": v} for (key, line), v in table.items()]
    pq.write_table(pa.Table.from_pylist(rows, SCHEMA), path)
    return path


def read(path: Path) -> Table:
    rows = pq.read_table(path).to_pylist() if path.exists() else []
    return {(row["id"], row["line"]): row.get("value") for row in rows}


def compared(old: Table, new: Table) -> tuple[Difference, Table, Table]:
    with folder() as place, duckdb.connect() as connection:
        out = place / "upserts.parquet", place / "removals.parquet"
        before, after = write(old, place / "old.parquet"), write(new, place / "new.parquet")
        sides = rows_in(before), rows_in(after)
        found = compare(connection, ("id", "line"), old=sides[0], new=sides[1], out=out)
        return found, read(out[0]), read(out[1])


@SOME
@given(TABLES, TABLES)
def test_a_difference_counts_what_dictionaries_count(old: Table, new: Table) -> None:
    both = old.keys() & new.keys()

    found, _, _ = compared(old, new)

    assert found == Difference(
        new=len(new.keys() - old.keys()),
        changed=sum(old[key] != new[key] for key in both),
        unchanged=sum(old[key] == new[key] for key in both),
        removed=len(old.keys() - new.keys()),
        old=len(old),
    )


@SOME
@given(TABLES, TABLES)
def test_applying_a_difference_to_the_old_gives_the_new(old: Table, new: Table) -> None:
    _, upserts, removals = compared(old, new)

    applied = {key: value for key, value in {**old, **upserts}.items() if key not in removals}

    assert applied == new
    assert upserts.keys().isdisjoint(removals)


@SOME
@given(TABLES)
def test_nothing_differs_from_itself(table: Table) -> None:
    found, upserts, removals = compared(table, table)

    assert found.is_empty
    assert (upserts, removals) == ({}, {})


# ------------------------------------------------------------------------------- pictures

PRODUCTS = st.lists(
    st.tuples(
        st.sampled_from(["S1", "S2"]),
        st.sampled_from(["till", "web", "erp"]),
        st.none() | st.sampled_from(["tea", "cup"]),
        st.none() | st.integers(0, 3),
    ),
    unique_by=lambda row: row[:2],
    max_size=6,
)
RANKS = {"till": 2, "web": 1, "erp": 3}


def pictured(rows: list[Product]) -> list[tuple[object, ...]]:
    """Return key, name, price and sources of every product, from rows staged in this order."""
    # the other tables name products too; without them a picture is drawn in a moment
    spec = replace(fact_spec(), tables={"products": fact_spec().tables["products"]})
    table = spec.tables["products"]
    columns = ", ".join(f'"{name}" {kind}' for name, kind in staged_types(table).items())
    with folder() as place, duckdb.connect() as connection:
        files = {}
        for source in dict.fromkeys(row[1] for row in rows):
            connection.execute(f"CREATE OR REPLACE TABLE staged ({columns})")
            for key, _, name, price in (row for row in rows if row[1] == source):
                insert = "INSERT INTO staged (product_id, source, name, price) VALUES (?, ?, ?, ?)"
                connection.execute(insert, [key, source, name, price])
            path = place / f"{source}.parquet"
            connection.execute(f"COPY staged TO '{path}' (FORMAT parquet)")
            files[source, "products"] = (path,)
        register_staging(connection, spec, files=files, ranks=RANKS)
        query = element_queries(spec, timezone="UTC")["Product"]
        chosen = f"SELECT product_id, name, price, sources FROM ({query}) ORDER BY ALL"
        return connection.execute(chosen).fetchall()


def first(values: list[tuple[int, object]]) -> object:
    """Return the value of the source that counts most, of those that state one."""
    stated = [(rank, value) for rank, value in values if value is not None]
    return min(stated, key=lambda pair: pair[0])[1] if stated else None


@settings(max_examples=15, deadline=None)
@given(PRODUCTS)
def test_a_shared_node_takes_the_first_value_by_the_order_of_sources(rows: list[Product]) -> None:
    expected = []
    for key in sorted({row[0] for row in rows}):
        own = [row for row in rows if row[0] == key]
        name = first([(RANKS[source], name) for _, source, name, _ in own])
        price = first([(RANKS[source], price) for _, source, _, price in own])
        expected.append((key, name, price, sorted(source for _, source, _, _ in own)))

    assert pictured(rows) == expected


@settings(max_examples=10, deadline=None)
@given(st.data())
def test_a_picture_does_not_depend_on_the_order_of_rows(data: st.DataObject) -> None:
    rows = data.draw(PRODUCTS)
    shuffled = data.draw(st.permutations(rows))

    assert pictured(shuffled) == pictured(rows)


# -------------------------------------------------------------------------------- vaults

ENTRIES = st.lists(
    st.tuples(
        st.sampled_from(["till:1", "till:2"]),
        st.just("till"),
        st.sampled_from(["full_name", MANY[0]]),
        st.sampled_from(["Ann", "Bea", "Cis"]),
    )
    | st.tuples(
        st.just("web:1"),
        st.just("web"),
        st.sampled_from(["full_name", MANY[0]]),
        st.sampled_from(["Ann", "Bea"]),
    ),
    max_size=6,
)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with unspilling() as opened:
        yield opened


def table_of(entries: list[Entry]) -> pa.Table:
    columns = {name: [entry[i] for entry in entries] for i, name in enumerate(COLUMNS)}
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})


def by_hand(old: list[Entry], new: list[Entry], gone: tuple[str, ...] = ()) -> list[Entry]:
    """Merge with dictionaries: the newer load wins, several stay several."""
    kept = [entry for entry in old if entry[1] not in gone]
    several = {entry for entry in [*kept, *new] if entry[2] in MANY}
    single: dict[tuple[str, ...], str] = {}
    for load in (kept, new):
        least: dict[tuple[str, ...], str] = {}
        for account, source, field, value in load:
            if field not in MANY:
                key = (account, source, field)
                least[key] = min(value, least.get(key, value))
        single |= least
    return sorted({*several, *((a, s, f, value) for (a, s, f), value in single.items())})


def merged(
    connection: duckdb.DuckDBPyConnection, old: pa.Table, new: pa.Table, *gone: str
) -> pa.Table:
    return merge(old, new, without=gone, connection=connection)


def entries_of(table: pa.Table) -> list[Entry]:
    return [tuple(row.values()) for row in table.to_pylist()]


@SOME
@given(old=ENTRIES, new=ENTRIES, gone=st.sampled_from([(), ("till",), ("web",)]))
def test_a_merge_is_what_dictionaries_make_of_it(
    connection: duckdb.DuckDBPyConnection, old: list[Entry], new: list[Entry], gone: tuple[str, ...]
) -> None:
    found = merged(connection, table_of(old), table_of(new), *gone)

    assert entries_of(found) == by_hand(old, new, gone)


@SOME
@given(old=ENTRIES, new=ENTRIES)
def test_the_same_load_again_changes_nothing(
    connection: duckdb.DuckDBPyConnection, old: list[Entry], new: list[Entry]
) -> None:
    once = merged(connection, table_of(old), table_of(new))

    assert entries_of(merged(connection, once, table_of(new))) == entries_of(once)


@SOME
@given(data=st.data())
def test_a_merge_does_not_depend_on_the_order_of_rows(
    connection: duckdb.DuckDBPyConnection, data: st.DataObject
) -> None:
    new = data.draw(ENTRIES)
    shuffled = data.draw(st.permutations(new))
    nothing = table_of([])

    one = merged(connection, nothing, table_of(new))
    other = merged(connection, nothing, table_of(shuffled))

    assert entries_of(one) == entries_of(other)


@SOME
@given(old=ENTRIES)
def test_a_source_that_goes_leaves_nothing(
    connection: duckdb.DuckDBPyConnection, old: list[Entry]
) -> None:
    left = merged(connection, table_of(old), table_of([]), "till")

    assert {entry[1] for entry in entries_of(left)} <= {"web"}


# --------------------------------------------------------------------------------- hashes


@SOME
@given(key=st.binary(min_size=1, max_size=64), message=st.text(max_size=200))
def test_the_sql_of_the_hash_is_pythons_for_every_key_and_text(
    connection: duckdb.DuckDBPyConnection, key: bytes, message: str
) -> None:
    said = message.replace("\0", "")  # staging keeps no control character but tab and newline
    query = f"SELECT {hmac_sql('$message', pads='p')}"

    parameters = {"message": said, **hmac_pads(key, pads="p")}
    ((found,),) = connection.execute(query, parameters).fetchall()

    assert found == hmac.new(key, said.encode(), hashlib.sha256).hexdigest()
