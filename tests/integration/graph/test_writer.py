"""Batched writes: what they touch, what they leave, and what they refuse."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from graph.columns import UndeclaredColumnError
from graph.elements import read_element
from graph.session import Database
from graph.spec import fact_spec
from graph.writer import MissingNodesError, Writer

pytestmark = pytest.mark.integration

SPEC = fact_spec()
ACCOUNT, ORDER, PRODUCT = (SPEC.nodes[label] for label in ("Account", "Order", "Product"))
CUSTOMER, IDENTIFIER = SPEC.nodes["Customer"], SPEC.nodes["Identifier"]
PLACED = SPEC.relationships["Account-PLACED-Order"]
LINE = SPEC.relationships["Order-CONTAINS-Product"]
HAS = SPEC.relationships["Account-HAS_IDENTIFIER-Identifier"]
NOW = datetime(2026, 4, 1, 12, 0, 0, 5_000, tzinfo=UTC)


def ids(prefix: str, n: int) -> list[str]:
    return [f"{prefix}{i:07}" for i in range(n)]


def links(starts: list[str], ends: list[str], **columns: list[object]) -> pa.Table:
    return pa.table({"start_id": starts, "end_id": ends, **columns})


def count(database: Database, pattern: str) -> int:
    (row,) = database.read(f"MATCH {pattern} RETURN count(*) AS n")
    return int(row["n"])


def values(database: Database, label: str, *, name: str) -> dict[str, object]:
    """Return a property of all nodes of a label by their key."""
    rows = read_element(database, SPEC, name=label, columns=[SPEC.nodes[label].key, name])
    return {row[SPEC.nodes[label].key]: row[name] for row in rows.to_pylist()}


def test_a_second_write_changes_only_the_columns_it_has(writer: Writer) -> None:
    writer.write_nodes(ORDER, pa.table({"order_id": ["o"], "channel": ["app"], "coupon": ["x"]}))

    writer.write_nodes(ORDER, pa.table({"order_id": ["o"], "channel": ["web"]}))

    assert values(writer.database, "Order", name="channel") == {"o": "web"}
    assert values(writer.database, "Order", name="coupon") == {"o": "x"}


def test_a_null_removes_the_property(writer: Writer) -> None:
    writer.write_nodes(ORDER, pa.table({"order_id": ["o"], "coupon": ["x"]}))

    writer.write_nodes(
        ORDER, pa.table({"order_id": ["o"], "coupon": pa.array([None], pa.string())})
    )

    assert count(writer.database, "(o:Order) WHERE o.coupon IS NOT NULL") == 0


def test_the_same_write_twice_leaves_one_graph(writer: Writer) -> None:
    lines = links(["o", "o"], ["p", "p"], line_key=["1", "2"], quantity=[1.0, 2.0])
    for _ in range(2):
        writer.write_nodes(ORDER, pa.table({"order_id": ["o"]}))
        writer.write_nodes(PRODUCT, pa.table({"product_id": ["p"]}))
        writer.write_relationships(LINE, lines)

    assert count(writer.database, "(n)") == 2
    assert count(writer.database, "()-[r:CONTAINS]->()") == 2


def test_every_written_node_is_stamped(writer: Writer) -> None:
    rows = pa.table({"account_id": ["a", "b"]})

    writer.write_nodes(ACCOUNT, rows, stamp={"loaded_at": NOW, "touched_at": NOW})

    assert values(writer.database, "Account", name="loaded_at") == {"a": NOW, "b": NOW}
    assert values(writer.database, "Account", name="touched_at") == {"a": NOW, "b": NOW}


def test_a_mark_is_set_on_nodes_that_exist_and_makes_none(writer: Writer) -> None:
    writer.write_nodes(ACCOUNT, pa.table({"account_id": ["a", "b", "c"]}))

    found = writer.stamp_nodes(
        ACCOUNT, pa.chunked_array([["c", "x", "a"]]), stamp={"touched_at": NOW}
    )

    assert found == 2
    assert values(writer.database, "Account", name="touched_at") == {"a": NOW, "b": None, "c": NOW}


def test_a_device_is_also_labelled_device(writer: Writer) -> None:
    kinds = ["device", "phone", None]

    writer.write_nodes(IDENTIFIER, pa.table({"identifier_key": ["d", "p", "n"], "kind": kinds}))

    found = writer.database.read("MATCH (d:Device) RETURN d.identifier_key AS key, labels(d) AS l")
    assert [(row["key"], sorted(row["l"])) for row in found] == [("d", ["Device", "Identifier"])]


def test_writing_another_property_keeps_the_second_label(writer: Writer) -> None:
    writer.write_nodes(IDENTIFIER, pa.table({"identifier_key": ["d"], "kind": ["device"]}))

    writer.set_properties(IDENTIFIER, pa.table({"identifier_key": ["d"], "state": ["shared"]}))

    assert count(writer.database, "(d:Device {state: 'shared'})") == 1


def test_many_rows_are_all_written_and_told(writer: Writer) -> None:
    told: list[int] = []
    counting = Writer(writer.database, SPEC, on_rows=told.append)
    keys = ids("c", 45_000)

    written = counting.write_nodes(CUSTOMER, pa.table({"customer_id": keys}))
    scored = counting.set_properties(
        CUSTOMER, pa.table({"customer_id": keys, "n_accounts": list(range(45_000))})
    )

    assert (written, scored, sum(told)) == (45_000, 45_000, 90_000)
    assert values(writer.database, "Customer", name="n_accounts") == {
        key: i for i, key in enumerate(keys)
    }


def test_long_texts_are_written_in_smaller_batches(writer: Writer) -> None:
    # 30 MB in all: more than one transaction of the smallest server may hold
    n, text = 3_000, "字" * 3_300
    sizes: list[int] = []
    watched = Writer(writer.database, SPEC, on_rows=sizes.append)

    watched.write_nodes(SPEC.nodes["Post"], pa.table({"post_id": ids("p", n), "text": [text] * n}))

    assert max(sizes) < 1_000
    assert set(values(writer.database, "Post", name="text").values()) == {text}


def test_relationships_with_ends_in_common_are_all_written(writer: Writer) -> None:
    # 60 products in 30,000 lines: two writers that did not keep apart would meet all the time
    orders, products = ids("o", 10_000), ids("p", 60)
    writer.write_nodes(ORDER, pa.table({"order_id": orders}))
    writer.write_nodes(PRODUCT, pa.table({"product_id": products}))
    starts = [order for order in orders for _ in range(3)]
    ends = [products[(7 * i) % 60] for i in range(30_000)]
    keys = [str(i % 3) for i in range(30_000)]

    written = writer.write_relationships(LINE, links(starts, ends, line_key=[*keys]))

    assert written == 30_000
    assert count(writer.database, "(:Order)-[:CONTAINS]->(:Product)") == 30_000


def test_a_missing_end_is_counted_and_named_and_the_rest_is_written(writer: Writer) -> None:
    writer.write_nodes(ACCOUNT, pa.table({"account_id": ["a"]}))
    writer.write_nodes(ORDER, pa.table({"order_id": ["o1", "o2"]}))

    with pytest.raises(MissingNodesError) as caught:
        writer.write_relationships(PLACED, links(["a", "ghost", "a"], ["o1", "o2", "o3"]))

    assert caught.value.facts["missing"] == 2
    assert caught.value.facts["total"] == 3
    assert caught.value.facts["keys"] == "ghost, o3"
    assert count(writer.database, "(:Account)-[:PLACED]->(:Order {order_id: 'o1'})") == 1


def test_a_score_of_a_customer_that_does_not_exist_is_refused(writer: Writer) -> None:
    writer.write_nodes(CUSTOMER, pa.table({"customer_id": ["c"]}))

    with pytest.raises(MissingNodesError, match="1 of 2 rows of Customer"):
        writer.set_properties(CUSTOMER, pa.table({"customer_id": ["c", "d"], "n_accounts": [1, 2]}))

    assert count(writer.database, "(:Customer)") == 1


def test_an_undeclared_column_is_refused_before_anything_is_written(writer: Writer) -> None:
    with pytest.raises(UndeclaredColumnError):
        writer.write_nodes(ORDER, pa.table({"order_id": ["o"], "phone": ["13812345678"]}))

    assert count(writer.database, "(n)") == 0


def test_a_changed_link_marks_its_account_in_the_same_write(writer: Writer) -> None:
    writer.write_nodes(ACCOUNT, pa.table({"account_id": ["a", "b"]}))
    writer.write_nodes(IDENTIFIER, pa.table({"identifier_key": ["i"]}))

    writer.write_relationships(HAS, links(["a"], ["i"]), stamp={"touched_at": NOW})

    assert values(writer.database, "Account", name="touched_at") == {"a": NOW, "b": None}


def test_a_removed_link_marks_its_account_and_an_absent_one_does_not(writer: Writer) -> None:
    writer.write_nodes(ACCOUNT, pa.table({"account_id": ["a", "b"]}))
    writer.write_nodes(IDENTIFIER, pa.table({"identifier_key": ["i"]}))
    writer.write_relationships(HAS, links(["a"], ["i"]))

    deleted = writer.delete_relationships(
        HAS, links(["a", "b"], ["i", "i"]), stamp={"touched_at": NOW}
    )

    assert deleted == 1
    assert values(writer.database, "Account", name="touched_at") == {"a": NOW, "b": None}


def test_one_of_two_parallel_relationships_is_deleted(writer: Writer) -> None:
    writer.write_nodes(ORDER, pa.table({"order_id": ["o"]}))
    writer.write_nodes(PRODUCT, pa.table({"product_id": ["p"]}))
    writer.write_relationships(LINE, links(["o", "o"], ["p", "p"], line_key=["1", "2"]))

    deleted = writer.delete_relationships(LINE, links(["o"], ["p"], line_key=["1"]))

    left = read_element(writer.database, SPEC, name=LINE.name, columns=["line_key"])
    assert (deleted, left["line_key"].to_pylist()) == (1, ["2"])


def test_replies_to_posts_and_to_accounts_are_deleted_apart(writer: Writer) -> None:
    to_post = SPEC.relationships["Post-REPLIES_TO-Post"]
    to_account = SPEC.relationships["Post-REPLIES_TO-Account"]
    writer.write_nodes(SPEC.nodes["Post"], pa.table({"post_id": ["x", "same"]}))
    writer.write_nodes(ACCOUNT, pa.table({"account_id": ["same"]}))
    for link in (to_post, to_account):
        writer.write_relationships(link, links(["x"], ["same"]))

    writer.delete_relationships(to_post, links(["x"], ["same"]))

    assert count(writer.database, "(:Post)-[:REPLIES_TO]->(:Post)") == 0
    assert count(writer.database, "(:Post)-[:REPLIES_TO]->(:Account)") == 1


def test_nodes_are_deleted_with_their_relationships(writer: Writer) -> None:
    writer.write_nodes(ACCOUNT, pa.table({"account_id": ["a"]}))
    writer.write_nodes(ORDER, pa.table({"order_id": ["o1", "o2"]}))
    writer.write_relationships(PLACED, links(["a", "a"], ["o1", "o2"]))

    deleted = writer.delete_nodes(ORDER, ["o1", "o2", "never there"])

    assert deleted == 2
    assert count(writer.database, "(n)") == 1


def test_an_account_with_very_many_orders_is_written_read_and_deleted(writer: Writer) -> None:
    n = 300_000
    orders = ids("o", n)
    writer.write_nodes(ACCOUNT, pa.table({"account_id": ["whale", "minnow"]}))
    writer.write_nodes(ORDER, pa.table({"order_id": orders}))
    starts = ["minnow", *["whale"] * (n - 1)]

    written = writer.write_relationships(PLACED, links(starts, orders))
    read = read_element(writer.database, SPEC, name=PLACED.name)
    deleted = writer.delete_nodes(ACCOUNT, ["whale"])

    assert (written, deleted) == (n, 1)
    assert dict(zip(read["end_id"].to_pylist(), read["start_id"].to_pylist(), strict=True)) == dict(
        zip(orders, starts, strict=True)
    )
    assert count(writer.database, "(:Account)-[:PLACED]->()") == 1
