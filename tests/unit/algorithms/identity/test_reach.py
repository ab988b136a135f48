"""What a change can concern: each id is asked about once, and the walk ends where evidence does."""

import threading
from collections.abc import Mapping, Sequence
from typing import cast

import pyarrow as pa
import pytest

from algorithms.identity import reach as reaching
from algorithms.identity.reach import (
    HELD,
    SIBLINGS,
    Asked,
    Changed,
    Reach,
    nobody,
    reach,
    touched_since,
)
from algorithms.identity.words import PINS, Words
from graph.session import Database
from tests.evidence_graph import ECHO, Graph, Row
from tests.identity_world import POLICY

CAP = POLICY.kinds["phone"].cap or 0


def asking(graph: Graph) -> Asked:
    return Asked(cast("Database", graph))


def walked(
    graph: Graph, *accounts: str, keys: Sequence[str] = (), pins: Sequence[tuple[str, str]] = ()
) -> Reach:
    rows = [{"account_id": a, "other_id": b, "is_together": True} for a, b in pins]
    words = Words(pins=pa.Table.from_pylist(rows, PINS))
    changed = Changed(set(accounts), set(keys))
    return reach(asking(graph), changed, policy=POLICY, words=words, resembling=nobody)


def on_phone(key: str, n: int) -> dict[str, list[str]]:
    return {f"crm:{place:04d}": [key] for place in range(n)}


# ------------------------------------------------------------------------ asking


def test_each_id_is_asked_about_once() -> None:
    graph = Graph()
    ask = asking(graph)
    ask(ECHO, ids=["b", "a"], more=1)

    rows = ask(ECHO, ids=["a", "c", "b"], more=1)

    assert [ids for _, ids in graph.questions] == [["a", "b"], ["c"]]
    assert [row["id"] for row in rows] == ["a", "b", "c"]


def test_an_id_of_which_the_graph_knows_nothing_is_not_asked_about_again() -> None:
    graph = Graph()
    ask = asking(graph)

    first, again = (ask(ECHO, ids=["silent"], more=1) for _ in range(2))

    assert first == again == []
    assert len(graph.questions) == 1


def test_an_id_given_twice_is_answered_once() -> None:
    assert len(asking(Graph())(ECHO, ids=["a", "a", "a"], more=1)) == 1


def test_nobody_is_asked_about_nobody() -> None:
    graph = Graph()

    assert asking(graph)(ECHO, ids=[], more=1) == []
    assert graph.questions == []


def test_two_questions_about_the_same_ids_are_two() -> None:
    graph = Graph({"crm:1": ["phone:1"]}, customers=[["crm:1", "crm:2"]])
    ask = asking(graph)

    held, siblings = (ask(query, ids=["crm:1"]) for query in (HELD, SIBLINGS))

    assert [row["identifier_key"] for row in held] == ["phone:1"]
    assert [row["account_id"] for row in siblings] == ["crm:1", "crm:2"]


def test_rows_have_the_names_that_the_question_gives_them() -> None:
    graph = Graph({"crm:1": ["phone:1"], "crm:2": ["phone:1"]}, linking=["phone:1"])

    (row,) = asking(graph)(HELD, ids=["crm:1"])

    assert row == {"id": "crm:1", "identifier_key": "phone:1", "state": "linking", "n": 2}


def test_many_ids_are_asked_about_some_at_once_and_keep_their_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reaching, "AT_ONCE", 3)
    graph = Graph()
    ids = [f"{n:02d}" for n in range(10)]

    rows = asking(graph)(ECHO, ids=reversed(ids), more="x")

    assert [row["id"] for row in rows] == ids
    assert sorted(len(asked) for _, asked in graph.questions) == [1, 3, 3, 3]
    assert {str(row["said"]) for row in rows} == {"x"}


def test_two_questions_are_asked_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reaching, "AT_ONCE", 1)
    graph = Graph()
    # each question waits until another one has come: alone it would wait in vain
    graph.both = threading.Barrier(2)

    asking(graph)(ECHO, ids=["a", "b", "c", "d", "e", "f"], more=1)

    assert graph.most_at_once == 2


def test_what_an_instant_touched_is_named() -> None:
    class Touched:
        def read(self, query: str, parameters: Mapping[str, object]) -> list[Row]:
            assert "touched_at >" in query
            assert parameters == {"since": 1_767_225_600_000}
            return [{"account_id": "crm:2"}, {"account_id": "crm:1"}, {"account_id": "crm:2"}]

    found = touched_since(cast("Database", Touched()), 1_767_225_600_000)

    assert found == {"crm:1", "crm:2"}


# ------------------------------------------------------------------------ walking


def test_nothing_changed_reaches_nothing() -> None:
    found = walked(Graph({"crm:1": ["phone:1"]}))

    assert found == Reach(frozenset(), frozenset(), {})


def test_whoever_shares_what_joins_is_reached_from_one_to_the_next() -> None:
    graph = Graph(
        {
            "crm:1": ["phone:1"],
            "erp:1": ["phone:1", "email:1"],
            "web:1": ["email:1"],
            "web:2": ["email:2"],
        },
        linking=["phone:1", "email:1", "email:2"],
    )

    found = walked(graph, "crm:1")

    assert found.accounts == {"crm:1", "erp:1", "web:1"}
    assert found.followed == {"phone:1", "email:1"}


def test_a_small_identifier_is_followed_from_who_changed_and_not_further() -> None:
    # neither joins yet: that of the account which changed may begin to
    graph = Graph({"crm:1": ["phone:1"], "erp:1": ["phone:1", "phone:2"], "web:1": ["phone:2"]})

    found = walked(graph, "crm:1")

    assert found.accounts == {"crm:1", "erp:1"}
    assert found.followed == {"phone:1"}
    assert found.counts == {}


def test_a_large_identifier_that_joins_nobody_is_counted_and_not_followed() -> None:
    graph = Graph(on_phone("phone:0", reaching.FEW + 1))

    found = walked(graph, "crm:0000")

    assert found.accounts == {"crm:0000"}
    assert found.followed == frozenset()
    assert found.counts == {"phone:0": reaching.FEW + 1}


def test_as_many_as_are_few_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reaching, "FEW", 5)

    few, more = (walked(Graph(on_phone("phone:0", n)), "crm:0000") for n in (5, 40))

    assert len(few.accounts) == 5
    assert (len(more.accounts), more.counts) == (1, {"phone:0": 40})


@pytest.mark.parametrize(("registered", "is_followed"), [(CAP, True), (CAP + 1, False)])
def test_one_whose_registered_accounts_fell_under_the_cap_is_followed(
    monkeypatch: pytest.MonkeyPatch, registered: int, *, is_followed: bool
) -> None:
    monkeypatch.setattr(reaching, "FEW", 2)
    links = on_phone("phone:0", CAP + 20)
    guests = sorted(links)[registered:]

    found = walked(Graph(links, guests=guests), "crm:0000")

    assert (found.followed == {"phone:0"}) is is_followed
    assert len(found.accounts) == (CAP + 20 if is_followed else 1)
    assert found.counts == ({} if is_followed else {"phone:0": registered})


def test_one_that_only_guests_are_on_is_under_its_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reaching, "FEW", 2)
    links = on_phone("phone:0", 3)

    found = walked(Graph(links, guests=sorted(links)), "crm:0000")

    # nobody counts against the cap, so resolution lets it join, and needs all of them
    assert found.accounts == set(links)
    assert found.counts == {}


def test_accounts_are_counted_in_the_source_that_has_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reaching, "FEW", 2)
    links = {
        f"{source}:{n}": ["phone:0"]
        for source, most in (("crm", 5), ("erp", 7))
        for n in range(most)
    }

    assert walked(Graph(links), "crm:0").counts == {"phone:0": 7}


def test_an_identifier_of_which_a_steward_spoke_is_followed_however_large() -> None:
    n = reaching.FEW + 5

    found = walked(Graph(on_phone("phone:0", n)), keys=["phone:0"])

    assert len(found.accounts) == n
    assert found.followed == {"phone:0"}
    assert found.counts == {}


def test_who_is_one_customer_is_reached_without_any_evidence() -> None:
    graph = Graph(customers=[["crm:1", "erp:1"], ["crm:2", "erp:2"]])

    assert walked(graph, "crm:1").accounts == {"crm:1", "erp:1"}


@pytest.mark.parametrize("start", ["crm:1", "erp:1", "web:1"])
def test_pins_are_walked_both_ways(start: str) -> None:
    found = walked(Graph(), start, pins=[("crm:1", "erp:1"), ("web:1", "erp:1")])

    assert found.accounts == {"crm:1", "erp:1", "web:1"}


def test_whom_they_resemble_is_reached_once_evidence_ends() -> None:
    graph = Graph({"crm:1": ["phone:1"], "erp:1": ["phone:1"]}, linking=["phone:1"])
    asked: list[frozenset[str]] = []

    def resembling(accounts: set[str]) -> set[str]:
        asked.append(frozenset(accounts))
        return {"web:1"}

    found = reach(
        asking(graph), Changed({"crm:1"}), policy=POLICY, words=Words(), resembling=resembling
    )

    assert asked == [{"crm:1", "erp:1"}, {"crm:1", "erp:1", "web:1"}]
    assert found.accounts == {"crm:1", "erp:1", "web:1"}


def test_a_part_that_grows_reads_only_what_is_new() -> None:
    graph = Graph({f"crm:{n}": ["phone:1"] for n in (1, 2)} | {"crm:3": []}, linking=["phone:1"])
    ask = asking(graph)
    words = Words()
    reach(ask, Changed({"crm:1"}), policy=POLICY, words=words, resembling=nobody)
    graph.questions.clear()

    grown = reach(ask, Changed({"crm:1", "crm:3"}), policy=POLICY, words=words, resembling=nobody)

    assert grown.accounts == {"crm:1", "crm:2", "crm:3"}
    assert [ids for _, ids in graph.questions] == [["crm:3"], ["crm:3"]]
