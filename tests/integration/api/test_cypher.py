"""Analysts' queries over HTTP: what comes back, what is refused, and what is recorded.

That nothing gets through the guard is shown by its own tests; here, that the address uses
it, says which limit was met, and lets no key take the whole database.
"""

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

from api.http import cypher
from api.problems import TooManyQueriesError
from graph.guard_errors import TimeLimitError
from graph.queries import named_queries
from graph.session import Database
from graph.settings import Settings

if TYPE_CHECKING:
    from starlette.testclient import TestClient

pytestmark = pytest.mark.integration


def run(api: "TestClient", query: str, *, status: int = 200, **more: object) -> Any:
    """Send a query and return the answer, checking its status."""
    response = api.post("/v1/cypher", json={"query": query, **more})
    assert response.status_code == status, response.text
    return response.json()


def test_rows_come_back_under_their_columns(api: "TestClient") -> None:
    answer = run(
        api,
        "MATCH (c:Customer) WHERE c.n_accounts >= $least "
        "RETURN c.customer_id AS id, c.n_accounts AS n ORDER BY id",
        parameters={"least": 1},
    )

    assert answer["columns"] == ["id", "n"]
    assert answer["rows"] == [["ann", 2], ["ben", 1]]
    assert (answer["truncated"], answer["truncated_by"]) == (False, "")


def test_fewer_rows_can_be_asked_for_and_the_cut_is_said(api: "TestClient") -> None:
    answer = run(api, "UNWIND range(1, 10) AS i RETURN i", rows=3)

    assert answer["rows"] == [[1], [2], [3]]
    assert (answer["truncated"], answer["truncated_by"]) == (True, "rows")


def test_exactly_as_many_rows_as_asked_for_are_not_cut(api: "TestClient") -> None:
    assert run(api, "UNWIND range(1, 3) AS i RETURN i", rows=3)["truncated"] is False


def test_more_rows_than_the_service_gives_cannot_be_asked_for(
    api: "TestClient", company: Settings
) -> None:
    answer = run(api, "UNWIND range(1, 2000) AS i RETURN i", rows=10_000)

    assert len(answer["rows"]) == company.cypher_rows == 1000
    assert answer["truncated"] is True


def test_nodes_and_times_come_back_as_json(api: "TestClient") -> None:
    answer = run(api, "MATCH (o:Order {order_id: 'web:1'}) RETURN o, o.ordered_at AS at")

    order, at = answer["rows"][0]
    assert "web:1" in json.dumps(order)
    assert str(at).startswith("2026-01-10T10:00:00")


@pytest.mark.parametrize(
    "query",
    [
        "CREATE (:Customer {customer_id: 'x'})",
        "MATCH (c:Customer) DETACH DELETE c",
        "MATCH (c:Customer) SET c.n_accounts = 0",
        "LOAD CSV FROM 'file:///etc/passwd' AS line RETURN line",
        "CALL dbms.listConfig()",
        "SHOW USERS",
        "RETURN reduce(a = 0, x IN range(1, 2000000000) | a + x)",
    ],
)
def test_what_does_more_than_read_is_refused_and_changes_nothing(
    api: "TestClient", database: Database, *, query: str
) -> None:
    before = database.read("MATCH (n) RETURN count(n) AS n, sum(n.n_accounts) AS accounts")

    problem = run(api, query, status=422)

    assert problem["title"] == "The guard refused it"
    assert problem["code"].endswith("-error")
    after = database.read("MATCH (n) RETURN count(n) AS n, sum(n.n_accounts) AS accounts")
    assert after == before


def test_a_slip_in_a_query_says_where_it_is(api: "TestClient") -> None:
    problem = run(api, "MATCH (c:Customer RETURN c", status=422)

    assert problem["code"] == "cypher-syntax-error"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"query": ""},
        {"query": "RETURN 1", "rows": 0},
        {"query": "RETURN 1", "limit": 5},
        {"query": "x" * 20_001},
        {"query": ["RETURN 1"]},
        {"query": "RETURN 1", "parameters": [1]},
    ],
)
def test_a_request_that_is_no_query_is_refused_by_its_field(
    api: "TestClient", body: dict[str, object]
) -> None:
    response = api.post("/v1/cypher", json=body)

    assert (response.status_code, response.json()["code"]) == (422, "invalid-request-error")


def test_the_audit_holds_the_digest_of_a_query_and_its_rows_but_not_the_query(
    api: "TestClient", company: Settings
) -> None:
    run(api, "UNWIND [1, 2] AS secret_word RETURN secret_word")

    text = "".join(file.read_text() for file in (company.home / "audit").glob("*.jsonl"))
    last = json.loads(text.splitlines()[-1])
    assert (last["route"], last["rows"], last["role"]) == ("/v1/cypher", 2, "admin")
    assert len(last["parameters"]) == 64
    assert "secret_word" not in text


def test_a_query_that_takes_too_long_names_its_limit(
    api: "TestClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(*_: object, **__: object) -> None:
        raise TimeLimitError(seconds=10, operator="Expand", details="a")

    monkeypatch.setattr(cypher, "ask", late)

    problem = run(api, "RETURN 1", status=422)

    assert problem["code"] == "time-limit-error"
    assert "10" in problem["detail"]


def test_a_key_may_not_take_every_place() -> None:
    slots = cypher.Slots(most=2)

    with slots.taken("k1"), slots.taken("k1"):
        with pytest.raises(TooManyQueriesError), slots.taken("k1"):
            pass
        with slots.taken("k2"):
            pass
    with slots.taken("k1"):
        pass


def test_a_place_is_given_back_by_a_query_that_fails() -> None:
    slots = cypher.Slots(most=1)

    for _ in range(3):
        with pytest.raises(KeyError), slots.taken("k1"):
            raise KeyError


def test_a_third_query_at_once_is_told_to_wait(
    api: "TestClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    entered, leave = threading.Barrier(3), threading.Event()

    def wait(*_: object, **__: object) -> None:
        entered.wait(timeout=30)
        leave.wait(timeout=30)
        raise TimeLimitError(seconds=10, operator="Expand", details="a")

    monkeypatch.setattr(cypher, "ask", wait)
    running = [
        threading.Thread(target=run, args=(api, query), kwargs={"status": 422})
        for query in ("RETURN 1", "RETURN 2")
    ]
    for thread in running:
        thread.start()
    entered.wait(timeout=30)

    response = api.post("/v1/cypher", json={"query": "RETURN 3"})

    leave.set()
    for thread in running:
        thread.join()
    assert (response.status_code, response.json()["code"]) == (429, "too-many-queries-error")
    assert "Retry-After" in response.headers


def test_the_queries_that_come_with_kith_are_listed_in_the_language_asked_for(
    api: "TestClient",
) -> None:
    english = api.get("/v1/queries").json()["items"]
    chinese = api.get("/v1/queries", headers={"Accept-Language": "zh"}).json()["items"]

    assert [query["name"] for query in english] == list(named_queries())
    assert len(english) >= 10
    for one, other in zip(english, chinese, strict=True):
        assert one["question"] != other["question"]
        assert one["cypher"] == other["cypher"]


def test_a_query_that_comes_with_kith_is_run_by_its_name(api: "TestClient") -> None:
    name = next(iter(named_queries()))

    answer = run(api, name)

    assert answer["columns"]
