"""Events out of the chain: which concern whom, and what each says."""

from datetime import UTC, datetime

import pytest

from algorithms.identity.events import erased
from api.identity.events import (
    Happened,
    of_account,
    of_customers,
    of_evidence,
    of_report,
    one,
    sentence,
    shown,
)
from graph.language import speaking
from tests.steward_members import Graph, event_row

MERGED = event_row(
    2, "merged", customer_id="c1", other_id="c2", kept="a:1", accounts=[["b:1", 5], ["b:2", 6]]
)
SPLIT = event_row(3, "split", customer_id="c1", other_id="c3", kept="a:1", accounts=[["b:2", 7]])
STEWARD = event_row(
    4,
    "steward",
    actor="ann",
    decision_id="d000001",
    verb="apart",
    accounts=["a:1", "b:1"],
    reason="two sisters",
)
BLOCKED = event_row(5, "blocked", identifier_key="k9", kind="phone", state="shared", n_accounts=12)
ALL = [MERGED, SPLIT, STEWARD, BLOCKED]


def graph_of(*rows: object) -> Graph:
    return Graph({"ResolutionEvent": rows})  # type: ignore[dict-item]  # rows of this file


def happened(row: object) -> Happened:
    found = one(graph_of(row), "")
    assert found is not None
    return found


def test_accounts_that_moved_are_told_with_where_they_had_been_since_when() -> None:
    merged, split = happened(MERGED), happened(SPLIT)

    assert merged.moved == {"b:1": 5, "b:2": 6}
    assert (merged.left_id, split.left_id) == ("c2", "c1")
    assert merged.customer_ids == {"c1", "c2"}
    assert happened(STEWARD).moved == {}


def test_whoever_gets_an_id_back_leaves_the_customer_it_was_merged_into() -> None:
    restored = happened(
        event_row(6, "restored", customer_id="c1", other_id="c2", accounts=[["b:1", 5]])
    )

    assert restored.left_id == "c1"
    assert restored.moved == {"b:1": 5}


def test_events_of_a_customer_name_it_and_not_one_whose_id_begins_alike() -> None:
    longer = event_row(7, "retired", customer_id="c11")

    found = of_customers(graph_of(MERGED, longer), ["c1"])

    assert [event.kind for event in found] == ["merged"]


def test_ids_are_looked_for_in_quotes_and_passed_as_parameters() -> None:
    graph = graph_of()

    of_customers(graph, ['c"1', "客户"])

    ((query, parameters),) = graph.asked
    assert parameters["needles"] == ['"c\\"1"', '"客户"']
    assert "客户" not in query


def test_nobody_is_not_asked_about() -> None:
    graph = graph_of(MERGED)

    assert of_customers(graph, []) == []
    assert graph.asked == []


def test_an_account_moved_where_it_is_listed_and_not_where_it_stayed() -> None:
    graph = graph_of(MERGED, SPLIT)

    assert [event.event_id[-1] for event in of_account(graph, "b:2")] == ["2", "3"]
    assert [event.event_id[-1] for event in of_account(graph, "b:1")] == ["2"]
    assert of_account(graph, "a:1") == []


def test_decisions_and_blocks_concern_their_accounts_and_identifiers() -> None:
    graph = graph_of(STEWARD, BLOCKED)

    assert [e.kind for e in of_evidence(graph, accounts=["b:1"], identifiers=[])] == ["steward"]
    assert [e.kind for e in of_evidence(graph, accounts=[], identifiers=["k9"])] == ["blocked"]
    assert of_evidence(graph, accounts=["d:1"], identifiers=["k1"]) == []


def test_a_decision_is_followed_by_its_withdrawal() -> None:
    taken_back = event_row(9, "steward", decision_id="d000002", verb="withdraw", refers="d000001")
    another = event_row(10, "steward", decision_id="d000004", verb="withdraw", refers="d000003")

    found = of_evidence(graph_of(STEWARD, taken_back, another), accounts=["a:1"], identifiers=[])

    assert [event.payload["decision_id"] for event in found] == ["d000001", "d000002"]


@pytest.mark.parametrize(
    ("row", "en", "zh"),
    [
        (MERGED, "c2 was merged into c1, with b:1, b:2", "c2 并入 c1，带来 b:1, b:2"),
        (SPLIT, "c3 was split from c1, with b:2", "c3 从 c1 拆出，带走 b:2"),
        (
            STEWARD,
            "ann decided apart on a:1, b:1 (d000001): two sisters",
            "ann 决定 apart：a:1, b:1（d000001）：two sisters",
        ),
        (
            BLOCKED,
            "the phone k9 no longer joins, it is shared (12 accounts)",
            "手机号 k9 不再用于合并，状态为共用（12 个账户）",
        ),
        (
            event_row(8, "unblocked", identifier_key="k9", kind="device", n_accounts=1),
            "the device k9 joins again (1 accounts)",
            "设备 k9 重新用于合并（1 个账户）",
        ),
        (
            event_row(1, "created", n_accounts=3, n_customers=2),
            "2 customer(s) came with 3 account(s)",
            "新增 2 个客户，共 3 个账户",
        ),
        (
            event_row(1, "absorbed", n_accounts=3, n_customers=2),
            "3 new account(s) joined 2 known customer(s)",
            "3 个新账户归入 2 个已有客户",
        ),
        (
            event_row(9, "retired", customer_id="c1"),
            "c1 was retired: none of its accounts is left",
            "c1 已停用：其账户均已不存在",
        ),
        (event_row(9, "danced", customer_id="c1"), "what happened was erased", "内容已被抹除"),
    ],
)
def test_an_event_is_a_sentence_in_both_languages(row: object, *, en: str, zh: str) -> None:
    assert sentence(happened(row)) == en
    with speaking("zh"):
        assert sentence(happened(row)) == zh


def test_an_erased_event_keeps_its_place_and_says_nothing() -> None:
    row = {"event": {**MERGED["event"], "payload": erased("{}")}}  # type: ignore[dict-item]

    event = happened(row)

    assert sentence(event) == "what happened was erased"
    assert (event.moved, event.customer_ids) == ({}, frozenset())


def test_very_many_accounts_are_named_in_part() -> None:
    accounts = [[f"a:{n}", 0] for n in range(9)]

    told = sentence(happened(event_row(2, "merged", customer_id="c", accounts=accounts)))

    assert told.endswith("with a:0, a:1, a:2, a:3, a:4 ... (9 in all)")


def test_an_event_is_shown_with_its_place_and_its_time() -> None:
    view = shown(happened(MERGED))

    assert view["event_id"] == "000000000002"
    assert view["at"] == datetime(2026, 3, 3, 12, tzinfo=UTC)
    assert view["actor"] is None
    assert view["payload"]["other_id"] == "c2"  # type: ignore[index]


def test_a_report_of_a_run_tells_the_same_as_the_chain() -> None:
    row = {**MERGED["event"], "at": datetime(2026, 3, 3, 12, tzinfo=UTC)}  # type: ignore[dict-item]

    assert of_report([row]) == [happened(MERGED)]


def test_there_may_be_no_such_event() -> None:
    assert one(graph_of(), "000000000099") is None
