"""The queue: what stands in it, in which order, and how its pages follow each other."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from pydantic import TypeAdapter

from algorithms.identity.policy import read_policy
from api.cursors import CursorError
from api.identity.in_force import policy_in_force
from api.identity.models import ReviewItem
from api.identity.review import review
from api.identity.risks import FINDERS, Kind
from api.pages import Page
from api.views import Row
from graph.language import speaking
from tests.steward_members import Graph

POLICY = read_policy()
EVERYTHING = Page(100)


def doubtful(account: str, confidence: float) -> dict[str, object]:
    return {
        "risk": 1 - confidence,
        "key": f"doubtful-join {account}",
        "customer_id": "c1",
        "account_id": account,
        "n_accounts": 2,
        "linked_to": "a:0",
        "by_field": '{"given": 2.0}',
    }


def likely(one: str, other: str, *, probability: float) -> dict[str, object]:
    return {
        "risk": probability,
        "key": f"likely-same {one} {other}",
        "customer_id": one,
        "other_id": other,
        "by_field": None,
        "kept_apart": "size",
    }


def behind(rows: Sequence[Mapping[str, Any]]) -> Any:
    """Answer as the database does: rows behind a place, in order, so many of them."""

    def answer(parameters: Any) -> Sequence[Row]:
        risk, key, n = parameters["risk"], parameters["key"], parameters["n"]
        found = [r for r in rows if (-r["risk"], r["key"]) > (-risk, key)]
        return sorted(found, key=lambda r: (-r["risk"], r["key"]))[:n]

    return answer


def graph_of(**answers: Any) -> Graph:
    marks = {
        "doubtful": "r.linked_to IS NOT NULL",
        "likely": "LIKELY_SAME",
        "large": "n_registered",
        "limits": "$limits",
        "bridged": "c.n_accounts >= $least",
    }
    return Graph({marks[name]: answer for name, answer in answers.items()})


def summary(items: Any) -> list[tuple[str, float]]:
    return [(item["kind"], round(item["risk"], 3)) for item in items]


def test_kinds_are_ranked_together_by_risk() -> None:
    graph = graph_of(
        doubtful=behind([doubtful("a:1", 0.6), doubtful("a:2", 0.95)]),
        likely=behind([likely("c1", "c2", probability=0.8)]),
        large=[{"customer_id": "c3", "n_accounts": 60, "n_registered": 2}],
        limits=[{"customer_id": "c4", "n_accounts": 9, "kind": "phone", "n": 15}],
    )

    items = review(graph, page=EVERYTHING).items

    # 60 of 50 allowed: 60 / 110; 15 of 5 allowed: 15 / 20
    assert summary(items) == [
        ("likely-same", 0.8),
        ("limit", 0.75),
        ("large", 0.545),
        ("doubtful-join", 0.4),
        ("doubtful-join", 0.05),
    ]


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_pages_follow_each_other_without_gap_or_repeat(limit: int) -> None:
    graph = graph_of(
        doubtful=behind([doubtful(f"a:{n}", 0.5) for n in range(5)]),
        likely=behind([likely("c1", f"c{n}", probability=0.5) for n in range(4)]),
        large=[{"customer_id": f"c{n}", "n_accounts": 50 + n, "n_registered": 0} for n in (1, 2)],
    )
    whole = review(graph, page=EVERYTHING).items

    paged: list[object] = []
    cursor = None
    while True:
        part = review(graph, page=Page(limit, cursor))
        paged += part.items
        cursor = part.cursor
        if cursor is None:
            break

    assert len(whole) == 11
    assert paged == whole


@pytest.mark.parametrize("kind", list(FINDERS))
def test_one_kind_alone_asks_for_nothing_else(kind: Kind) -> None:
    graph = graph_of(
        doubtful=behind([doubtful("a:1", 0.6)]),
        likely=behind([likely("c1", "c2", probability=0.8)]),
        large=[{"customer_id": "c3", "n_accounts": 60, "n_registered": 2}],
        limits=[{"customer_id": "c4", "n_accounts": 9, "kind": "phone", "n": 15}],
        bridged=[],
    )

    kinds = {item["kind"] for item in review(graph, page=EVERYTHING, kind=kind).items}

    assert kinds <= {kind}
    # the policy in force, and the one question about this kind
    assert len(graph.asked) == 2


def test_a_cursor_belongs_to_its_kind() -> None:
    graph = graph_of(doubtful=behind([doubtful(f"a:{n}", 0.5) for n in range(3)]))
    cursor = review(graph, page=Page(1), kind="doubtful-join").cursor

    with pytest.raises(CursorError):
        review(graph, page=Page(1, cursor), kind="large")


def test_an_empty_queue_is_one_empty_page() -> None:
    part = review(graph_of(), page=EVERYTHING)

    assert (part.items, part.cursor) == ([], None)


@pytest.mark.parametrize(
    ("n", "registered", "listed"),
    [(50, 10, False), (51, 0, True), (11, 11, True), (50, 11, True)],
)
def test_a_customer_is_large_above_fifty_accounts_or_ten_registered(
    n: int, registered: int, *, listed: bool
) -> None:
    graph = graph_of(large=[{"customer_id": "c1", "n_accounts": n, "n_registered": registered}])

    assert bool(review(graph, page=EVERYTHING).items) is listed


def test_registered_is_what_the_policy_does_not_name_otherwise() -> None:
    graph = graph_of(large=[])

    review(graph, page=EVERYTHING, kind="large")

    ((_, asked),) = [entry for entry in graph.asked if "n_registered" in entry[0]]
    assert asked["others"] == ["call", "partner", "visitor"]


def test_limits_are_those_of_the_policy_and_kinds_without_one_have_none() -> None:
    graph = graph_of(limits=[])

    review(graph, page=EVERYTHING, kind="limit")

    ((_, asked),) = [entry for entry in graph.asked if "$limits" in entry[0]]
    limits = asked["limits"]
    assert isinstance(limits, dict)
    assert limits["phone"] == POLICY.kinds["phone"].limit
    assert "address" not in limits


def test_the_doubtful_are_those_below_what_the_policy_calls_sure() -> None:
    policy = POLICY.model_dump(mode="json")
    policy["linkage"]["sure"] = 0.9
    recorded = TypeAdapter(dict[str, Any]).dump_json({**policy, "decisions": 3}).decode()
    graph = Graph({"AlgorithmRun": [{"run_id": "r", "parameters": recorded}]})

    review(graph, page=EVERYTHING, kind="doubtful-join")

    assert graph.asked[-1][1]["sure"] == 0.9


@pytest.mark.parametrize("parameters", ['{"kinds": {}}', "", "{}"])
def test_a_run_that_recorded_no_policy_is_explained_by_the_shipped_one(parameters: str) -> None:
    graph = Graph({"AlgorithmRun": [{"run_id": "r", "parameters": parameters}]})

    assert policy_in_force(graph) == POLICY


def test_items_fit_their_model_and_say_what_is_doubtful() -> None:
    graph = graph_of(
        doubtful=behind([doubtful("a:1", 0.93)]),
        likely=behind([likely("c1", "c2", probability=0.8)]),
        large=[{"customer_id": "c3", "n_accounts": 60, "n_registered": 2}],
    )

    items = review(graph, page=EVERYTHING).items

    shown = [ReviewItem.model_validate(item) for item in items]
    assert [item.text.split(".")[0] for item in shown] == [
        "c1 and c2 are 80",
        "c3 has 60 accounts, 2 of them registered (usual: up to 50 and 10)",
        "a:1 was joined to c1, with 2 account(s), because it resembles a:0, 93",
    ]
    assert shown[2].fields[0].text == "given name agrees: weak evidence (+2.0)"


def test_items_speak_chinese_too() -> None:
    graph = graph_of(limits=[{"customer_id": "c4", "n_accounts": 9, "kind": "phone", "n": 15}])

    with speaking("zh"):
        (item,) = review(graph, page=EVERYTHING, kind="limit").items

    assert item["text"] == "c4 有 15 个手机号；一个人最多 5 个。"
