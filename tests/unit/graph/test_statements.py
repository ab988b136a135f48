"""The query texts: parameters for values, names from the spec, one clause a line."""

import re
from collections.abc import Iterator

import pytest

from graph.columns import properties_by_column
from graph.elements import walk_of
from graph.language import Text
from graph.spec import PropertySpec, RelationshipSpec, fact_spec
from graph.statements import (
    delete_nodes,
    delete_relationships,
    drop_relationships,
    merge_nodes,
    merge_relationships,
    missing_keys,
    read_crowd,
    read_page,
    set_properties,
    stamp_nodes,
)

SPEC = fact_spec()
ORDER, PRODUCT = SPEC.nodes["Order"], SPEC.nodes["Product"]
LINE = SPEC.relationships["Order-CONTAINS-Product"]
PLACED = SPEC.relationships["Account-PLACED-Order"]


def test_nodes_are_merged_on_their_key_alone() -> None:
    query = merge_nodes(ORDER, ["order_id", "channel", "amount"])

    assert query.splitlines() == [
        "UNWIND range(0, size($order_id) - 1) AS i",
        "MERGE (n:Order {order_id: $order_id[i]})",
        "SET n += {channel: $channel[i], amount: $amount[i] / 10000.0}",
        "RETURN count(*) AS n",
    ]


def test_a_stamp_is_one_parameter_for_all_rows() -> None:
    query = merge_nodes(ORDER, ["order_id"], stamps=["loaded_at"])

    assert "SET n += {loaded_at: datetime({epochMillis: $stamp_loaded_at})}" in query


def test_a_device_gets_its_second_label() -> None:
    query = merge_nodes(SPEC.nodes["Identifier"], ["identifier_key"], extra_label="Device")

    assert "SET n:Device" in query.splitlines()


def test_nodes_of_a_key_alone_set_nothing() -> None:
    query = merge_nodes(ORDER, ["order_id"])

    assert "SET n += {}" in query


def test_properties_are_set_on_nodes_that_exist() -> None:
    query = set_properties(SPEC.nodes["Customer"], ["customer_id", "n_accounts"])

    assert query.splitlines()[1:3] == [
        "MATCH (n:Customer {customer_id: $customer_id[i]})",
        "SET n += {n_accounts: $n_accounts[i]}",
    ]


def test_a_relationship_is_merged_between_nodes_that_are_matched() -> None:
    query = merge_relationships(
        LINE, ["start_id", "end_id", "line_key", "quantity"], ends=(ORDER, PRODUCT)
    )

    assert query.splitlines() == [
        "UNWIND range(0, size($start_id) - 1) AS i",
        "MATCH (a:Order {order_id: $start_id[i]})",
        "MATCH (b:Product {product_id: $end_id[i]})",
        "MERGE (a)-[r:CONTAINS {line_key: $line_key[i]}]->(b)",
        "SET r += {quantity: $quantity[i]}",
        "RETURN count(*) AS n",
    ]


def test_a_relationship_without_properties_sets_none() -> None:
    query = merge_relationships(PLACED, ["start_id", "end_id"], ends=(SPEC.nodes["Account"], ORDER))

    assert "SET" not in query
    assert "MERGE (a)-[r:PLACED]->(b)" in query


def test_a_stamp_of_a_relationship_is_set_on_its_start() -> None:
    query = merge_relationships(
        PLACED,
        ["start_id", "end_id"],
        ends=(SPEC.nodes["Account"], ORDER),
        stamps=["touched_at"],
    )

    assert "SET a += {touched_at: datetime({epochMillis: $stamp_touched_at})}" in query


def test_a_stamp_of_nodes_is_set_on_those_that_exist() -> None:
    query = stamp_nodes(SPEC.nodes["Account"], ["touched_at"])

    assert query.splitlines() == [
        "UNWIND $account_id AS key",
        "MATCH (n:Account {account_id: key})",
        "SET n += {touched_at: datetime({epochMillis: $stamp_touched_at})}",
        "RETURN count(*) AS n",
    ]


def test_a_parallel_relationship_is_deleted_by_its_key() -> None:
    query = delete_relationships(LINE, ends=(ORDER, PRODUCT))

    assert query.splitlines()[3:] == [
        "MATCH (a)-[r:CONTAINS]->(b)",
        "WHERE r.line_key = $line_key[i]",
        "DELETE r",
    ]


def test_relationships_are_taken_off_in_bounded_numbers_before_nodes_go() -> None:
    assert "WITH r LIMIT 20000" in drop_relationships(ORDER)
    assert delete_nodes(ORDER).endswith("DETACH DELETE n")


def test_missing_keys_are_few_and_distinct() -> None:
    assert missing_keys(ORDER, at_most=5).endswith("RETURN DISTINCT key LIMIT 5")


def test_a_page_follows_the_index_and_is_limited_in_rows() -> None:
    walk = walk_of(SPEC, LINE)
    asked = [
        p for n, p in properties_by_column(LINE).items() if n in ("start_id", "end_id", "amount")
    ]

    assert read_page(walk, asked).splitlines() == [
        "MATCH (a:Order)",
        "USING INDEX a:Order(order_id)",
        "WHERE a.order_id > $after",
        "MATCH (a)-[r:CONTAINS]->(b:Product)",
        "WITH a, r, b ORDER BY a.order_id LIMIT $rows",
        "RETURN collect(a.order_id) AS c0, collect(b.product_id) AS c1, "
        "collect(coalesce(r.amount, $nothing)) AS c2",
    ]


def test_an_order_leads_the_walk_to_its_account() -> None:
    # an account may have a million orders, an order has one account
    walk = walk_of(SPEC, PLACED)

    assert walk.order == "end_id"
    assert walk.pattern == "MATCH (a)<-[r:PLACED]-(b:Account)"


def test_a_crowd_is_read_row_by_row() -> None:
    query = read_crowd(walk_of(SPEC, LINE), list(properties_by_column(LINE).values())[:2])

    assert query.splitlines() == [
        "MATCH (a:Order {order_id: $key})",
        "MATCH (a)-[r:CONTAINS]->(b:Product)",
        "RETURN a.order_id AS c0, b.product_id AS c1",
    ]


def test_two_relationships_of_one_type_are_told_apart_by_their_end() -> None:
    to_post = walk_of(SPEC, SPEC.relationships["Post-REPLIES_TO-Post"])
    to_account = walk_of(SPEC, SPEC.relationships["Post-REPLIES_TO-Account"])

    assert to_post.pattern == "MATCH (a)-[r:REPLIES_TO]->(b:Post)"
    assert to_account.pattern == "MATCH (a)-[r:REPLIES_TO]->(b:Account)"


def test_a_relationship_that_an_algorithm_adds_is_written_like_any_other() -> None:
    similar = RelationshipSpec(
        "SIMILAR_TO",
        "Customer",
        "Customer",
        properties=(PropertySpec("score", "number", Text("Score", "分数"), owner="similar"),),
    )
    spec = SPEC.with_computed({}, [similar])
    ends = (spec.nodes["Customer"], spec.nodes["Customer"])

    query = merge_relationships(similar, ["start_id", "end_id", "score"], ends=ends)

    assert "MERGE (a)-[r:SIMILAR_TO]->(b)\nSET r += {score: $score[i]}" in query


def every_query() -> Iterator[tuple[str, str]]:
    for node in SPEC.nodes.values():
        columns = list(properties_by_column(node))
        walk = walk_of(SPEC, node)
        yield node.name, merge_nodes(node, columns, stamps=["loaded_at"])
        yield node.name, set_properties(node, columns)
        yield node.name, read_page(walk, list(properties_by_column(node).values()))
    for link in SPEC.relationships.values():
        columns = list(properties_by_column(link))
        ends = (SPEC.nodes[link.start], SPEC.nodes[link.end])
        yield link.name, merge_relationships(link, columns, ends=ends)
        yield link.name, delete_relationships(link, ends=ends)
        yield link.name, read_page(walk_of(SPEC, link), list(properties_by_column(link).values()))


@pytest.mark.parametrize(("name", "query"), list(every_query()))
def test_a_query_names_only_what_the_spec_declares(name: str, query: str) -> None:
    element = SPEC.element(name)
    known = set(properties_by_column(element)) | {"stamp_loaded_at", "after", "rows", "nothing"}

    assert set(re.findall(r"\$(\w+)", query)) <= known
    assert "'" not in query
