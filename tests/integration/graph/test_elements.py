"""Columnar reads: every row once, nothing lost, whatever hangs on one node."""

import pyarrow as pa
import pytest

from graph import elements
from graph.elements import UnknownColumnError, UnknownTableError, read_element
from graph.session import Database
from graph.spec import fact_spec
from graph.writer import Writer

pytestmark = pytest.mark.integration

SPEC = fact_spec()
ACCOUNT, POST = SPEC.nodes["Account"], SPEC.nodes["Post"]
VIEWED = SPEC.relationships["Account-VIEWED-Product"]


def views(pairs: list[tuple[str, str]]) -> pa.Table:
    return pa.table(
        {
            "start_id": [a for a, _ in pairs],
            "end_id": [p for _, p in pairs],
            "n": [i or None for i in range(len(pairs))],
        }
    )


def write_views(writer: Writer, pairs: list[tuple[str, str]]) -> list[tuple[str, str, int | None]]:
    writer.write_nodes(ACCOUNT, pa.table({"account_id": sorted({a for a, _ in pairs})}))
    products = pa.table({"product_id": sorted({p for _, p in pairs})})
    writer.write_nodes(SPEC.nodes["Product"], products)
    writer.write_relationships(VIEWED, views(pairs))
    return sorted((a, p, i or None) for i, (a, p) in enumerate(pairs))


def read_views(database: Database) -> list[tuple[str, str, int | None]]:
    rows = read_element(database, SPEC, name=VIEWED.name, columns=["start_id", "end_id", "n"])
    return sorted(tuple(row.values()) for row in rows.to_pylist())


def test_an_empty_graph_gives_no_rows_in_the_declared_types(writer: Writer) -> None:
    rows = read_element(writer.database, SPEC, name="Order")

    assert rows.num_rows == 0
    assert rows.schema.field("ordered_at").type == pa.timestamp("ms", tz="UTC")


def test_rows_are_read_once_when_pages_end_inside_a_node(
    writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elements, "FIRST_ROWS", 7)
    monkeypatch.setattr(elements, "MOST_ROWS", 7)
    pairs = [(f"a{i:02}", f"p{j}") for i in range(40) for j in range(i % 6)]
    expected = write_views(writer, pairs)

    assert read_views(writer.database) == expected


def test_a_node_with_more_rows_than_a_page_is_read_whole(
    writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elements, "FIRST_ROWS", 7)
    monkeypatch.setattr(elements, "MOST_ROWS", 7)
    crowd = [("a1", f"p{j:03}") for j in range(100)]
    expected = write_views(writer, [("a0", "p000"), *crowd, ("a2", "p001"), ("a2", "p002")])

    assert read_views(writer.database) == expected


def test_rows_that_fill_a_page_exactly_are_read_once(
    writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elements, "FIRST_ROWS", 6)
    monkeypatch.setattr(elements, "MOST_ROWS", 6)
    pairs = [(f"a{i}", f"p{j}") for i in range(4) for j in range(3)]
    expected = write_views(writer, pairs)

    assert read_views(writer.database) == expected


def test_nodes_that_fill_a_page_exactly_are_read_once(
    writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elements, "FIRST_ROWS", 5)
    monkeypatch.setattr(elements, "MOST_ROWS", 5)
    keys = [f"a{i}" for i in range(10)]
    writer.write_nodes(ACCOUNT, pa.table({"account_id": keys}))

    rows = read_element(writer.database, SPEC, name="Account", columns=["account_id"])

    assert rows["account_id"].to_pylist() == keys


def test_columns_can_be_asked_for_without_the_one_that_leads(writer: Writer) -> None:
    write_views(writer, [("a1", "p1"), ("a2", "p2")])

    rows = read_element(writer.database, SPEC, name=VIEWED.name, columns=["n", "end_id"])

    assert sorted(rows.to_pylist(), key=str) == [
        {"n": 1, "end_id": "p2"},
        {"n": None, "end_id": "p1"},
    ]


def test_long_texts_after_short_ones_are_read_in_smaller_pages(writer: Writer) -> None:
    # A page grows while texts are short; 60 MB then come at once, and the server may give
    # one transaction 128 MB.
    n_short, n_long, text = 60_000, 2_000, "字" * 10_000
    keys = [f"p{i:06}" for i in range(n_short + n_long)]
    texts = ["short"] * n_short + [text] * n_long
    writer.write_nodes(POST, pa.table({"post_id": keys, "text": texts}))

    rows = read_element(writer.database, SPEC, name="Post", columns=["post_id", "text"])

    assert rows["post_id"].to_pylist() == keys
    assert rows["text"].to_pylist() == texts


def test_keys_beyond_the_basic_plane_are_read_in_order(writer: Writer) -> None:
    keys = ["a", "é", "中", "\uffee", "😀", "𠮷", "￥9"]
    writer.write_nodes(ACCOUNT, pa.table({"account_id": keys}))

    rows = read_element(writer.database, SPEC, name="Account", columns=["account_id"])

    assert sorted(rows["account_id"].to_pylist()) == sorted(keys)


def test_an_unknown_element_or_column_is_refused(writer: Writer) -> None:
    with pytest.raises(UnknownTableError, match="Person"):
        read_element(writer.database, SPEC, name="Person")
    with pytest.raises(UnknownColumnError, match="nickname"):
        read_element(writer.database, SPEC, name="Account", columns=["nickname"])
