"""What is the same for every answer: headers, language, digest, and what a failure looks like.

No database: the home's import never ends, or the answer needs none.
"""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from api.app import create_app
from api.audit import verify
from api.http.middleware import preferred
from api.problems import LARGEST_BODY
from api.roles import Role
from graph.settings import Settings, read_settings
from tests.serving import key_of, serving

if TYPE_CHECKING:
    from starlette.testclient import TestClient

SECRET = "13812345678"


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    journal = {"load_id": "l1", "state": "importing", "loaded_at": 0, "moves": {}, "removals": []}
    (tmp_path / "journal.json").write_text(json.dumps(journal))
    return read_settings(home=tmp_path)


@pytest.fixture
def client(home: Settings) -> "Iterator[TestClient]":
    with serving(home) as served:
        served.headers.update(key_of(home))
        yield served


# ---------------------------------------------------------------- language


@pytest.mark.parametrize(
    ("wish", "language"),
    [
        ("", "en"),
        ("zh", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("en;q=0.5, zh;q=0.9", "zh"),
        ("fr-FR, de;q=0.9, zh;q=0.1", "zh"),
        ("fr", "en"),
        ("zh;q=0, en;q=0.1", "en"),
        ("*", "en"),
        ("zh;q=nonsense, en", "en"),
        ("ZH-TW", "zh"),
        (";;;,,,", "en"),
    ],
)
def test_the_language_that_ranks_highest_among_ours_is_spoken(wish: str, language: str) -> None:
    assert preferred(wish, otherwise="en") == language


def test_a_wish_for_neither_language_gets_that_of_the_settings() -> None:
    assert preferred("fr", otherwise="zh") == "zh"


def test_an_answer_follows_the_language_of_its_request(client: "TestClient") -> None:
    chinese = client.get("/v1/tables", headers={"Accept-Language": "zh"}).json()
    english = client.get("/v1/tables", headers={"Accept-Language": "en"}).json()

    assert chinese["items"][5]["about"] == "一个订单"
    assert english["items"][5]["about"] == "An order as placed"
    assert chinese["items"][5]["name"] == english["items"][5]["name"] == "orders"


def test_a_problem_follows_the_language_but_not_its_code(client: "TestClient") -> None:
    problem = client.get("/v1/tables/nonsense", headers={"Accept-Language": "zh-CN"}).json()

    assert problem["code"] == "table-not-found-error"
    assert "没有表" in problem["detail"]


# ---------------------------------------------------------------- headers


def test_every_answer_carries_a_request_id_and_the_headers_of_safety(client: "TestClient") -> None:
    for path in ("/healthz", "/v1/tables", "/nowhere", "/docs"):
        headers = client.get(path).headers

        assert len(headers["X-Request-ID"]) == 16
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "Accept-Language" in headers["Vary"]


def test_a_request_id_of_the_caller_is_kept_where_it_is_one(client: "TestClient") -> None:
    given = client.get("/nowhere", headers={"X-Request-ID": "batch-7.3"})
    forged = client.get("/nowhere", headers={"X-Request-ID": "a b\tc"})

    assert given.headers["X-Request-ID"] == given.json()["request_id"] == "batch-7.3"
    assert forged.headers["X-Request-ID"] != "a b\tc"


# ---------------------------------------------------------------- digest


def test_an_answer_that_is_known_is_not_sent_again(client: "TestClient") -> None:
    first = client.get("/v1/tables")

    again = client.get("/v1/tables", headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert "Content-Length" not in again.headers


@pytest.mark.parametrize("form", ["W/{tag}", '"other", {tag}', "*"])
def test_a_digest_is_recognised_in_every_form(client: "TestClient", form: str) -> None:
    tag = client.get("/v1/tables").headers["ETag"]

    response = client.get("/v1/tables", headers={"If-None-Match": form.format(tag=tag)})

    assert response.status_code == 304


def test_another_body_has_another_digest(client: "TestClient") -> None:
    english = client.get("/v1/tables", headers={"Accept-Language": "en"}).headers["ETag"]

    chinese = client.get("/v1/tables", headers={"Accept-Language": "zh", "If-None-Match": english})

    assert chinese.status_code == 200
    assert chinese.headers["ETag"] != english


def test_a_failure_has_no_digest(client: "TestClient") -> None:
    assert "ETag" not in client.get("/v1/tables/nonsense").headers


# ---------------------------------------------------------------- failures


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "no-such-address-error"),
        ("GET", "/v1/nowhere", 404, "no-such-address-error"),
        ("GET", "/v1/tables/", 404, "no-such-address-error"),
        ("DELETE", "/v1/tables", 405, "wrong-method-error"),
        ("GET", "/v1/cypher", 405, "wrong-method-error"),
        ("GET", "/v1/tables/nonsense", 404, "table-not-found-error"),
        ("GET", "/v1/algorithms/nonsense", 404, "unknown-algorithm-error"),
        ("GET", "/v1/runs?limit=0", 422, "invalid-request-error"),
        ("GET", "/v1/runs?limit=501", 422, "invalid-request-error"),
        ("GET", "/v1/runs?limit=ten", 422, "invalid-request-error"),
        ("GET", "/v1/runs?limti=10", 422, "invalid-request-error"),
        ("GET", "/v1/runs?cursor=nonsense", 422, "cursor-error"),
        ("GET", "/v1/customers/c1", 503, "importing-error"),
        ("GET", "/readyz", 503, "importing-error"),
        ("GET", "/problems/nonsense", 404, "no-such-problem-error"),
    ],
)
def test_every_failure_is_a_problem_with_its_code(
    client: "TestClient", method: str, *, path: str, status: int, code: str
) -> None:
    response = client.request(method, path)

    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["type"] == f"/problems/{code}"
    assert problem["title"]
    assert problem["detail"]


def test_the_type_of_a_problem_leads_to_its_explanation(client: "TestClient") -> None:
    problem = client.get("/v1/tables/nonsense").json()

    explained = client.get(problem["type"]).json()

    assert explained["code"] == problem["code"]
    assert explained["status"] == 404
    assert explained in client.get("/problems").json()["items"]


def test_a_wrong_method_names_the_right_one(client: "TestClient") -> None:
    assert client.delete("/v1/tables").headers["Allow"] == "GET"


def test_a_missing_key_says_how_to_send_one(client: "TestClient") -> None:
    response = client.get("/v1/tables", headers={"Authorization": ""})

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert "kith keys create" in response.json()["detail"]


def test_an_import_says_when_to_ask_again(client: "TestClient") -> None:
    response = client.get("/v1/customers/c1")

    assert int(response.headers["Retry-After"]) > 0


def test_a_body_that_is_too_large_is_refused(client: "TestClient", home: Settings) -> None:
    response = client.post("/v1/cypher", content=b" " * (LARGEST_BODY + 1))

    assert recorded(home)[-1]["status"] == 413
    assert (response.status_code, response.json()["code"]) == (413, "body-too-large-error")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"kind": "phone", "value": SECRET, "more": SECRET}, id="further field"),
        pytest.param({"kind": SECRET, "value": SECRET}, id="no such kind"),
        pytest.param({"kind": "phone", "value": [SECRET]}, id="a list"),
        pytest.param({"kind": "phone", "value": SECRET * 50}, id="too long"),
        pytest.param([SECRET], id="no object"),
        pytest.param(f'{{"kind": "phone", "value": "{SECRET}', id="cut off"),
        pytest.param({"kind": "email", "value": SECRET}, id="no e-mail"),
        pytest.param({"kind": "phone", "value": f"{SECRET}{SECRET}"}, id="no phone"),
    ],
)
def test_a_refused_look_up_repeats_no_part_of_the_value(
    client: "TestClient", body: object, *, home: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="api")
    content = body if isinstance(body, str) else json.dumps(body)

    response = client.post("/v1/customers/lookup", content=content)

    assert response.status_code == 422
    assert SECRET not in response.text
    assert SECRET not in caplog.text
    for file in (home.home / "audit").iterdir():
        assert SECRET not in file.read_text()


def test_each_value_that_does_not_fit_is_named_with_its_rule(client: "TestClient") -> None:
    problem = client.get("/v1/runs?limit=0&cursor=&nonsense=1").json()

    found = {(wrong["place"], wrong["rule"]) for wrong in problem["errors"]}
    assert found == {("query.limit", "greater_than_equal"), ("query.nonsense", "extra_forbidden")}
    assert "2 value(s)" in problem["detail"]


def test_a_fault_of_ours_tells_its_place_to_the_log_and_its_message_to_nobody(
    home: Settings, monkeypatch: pytest.MonkeyPatch, *, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("api.declared.table_names", fail)
    with serving(home) as client:
        response = client.get("/v1/tables", headers={**key_of(home), "X-Request-ID": "r-77"})

    assert (response.status_code, response.json()["code"]) == (500, "internal-error")
    assert "r-77" in response.json()["detail"]
    assert "RuntimeError in request r-77" in caplog.text
    assert "declarations.py" in caplog.text
    assert SECRET not in caplog.text + response.text


# ---------------------------------------------------------------- log and audit


def test_the_log_names_the_template_of_an_address_and_never_the_address(
    client: "TestClient", caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="api")

    client.get(f"/v1/customers/{SECRET}?note={SECRET}")

    assert "GET /v1/customers/{customer_id} 503" in caplog.text
    assert SECRET not in "".join(r.getMessage() for r in caplog.records if r.name != "httpx")


def test_every_request_of_a_key_is_recorded_with_its_outcome_and_purpose(
    client: "TestClient", home: Settings
) -> None:
    for path in ("/v1/tables", "/v1/tables/nonsense", "/v1/runs?limit=0", "/v1/customers/c1"):
        client.get(path, headers={"X-Purpose": "complaint 17"})

    records = recorded(home)
    assert [record["status"] for record in records] == [200, 404, 422, 503]
    assert {record["purpose"] for record in records} == {"complaint 17"}
    assert {record["role"] for record in records} == {"admin"}
    assert records[1]["route"] == "/v1/tables/{name}"
    assert verify(home.home / "audit").n_records == 4


def test_what_a_role_may_not_do_is_recorded_too(client: "TestClient", home: Settings) -> None:
    client.post("/v1/cypher", json={"query": "RETURN 1"}, headers=key_of(home, Role.VIEWER))

    (record,) = recorded(home)
    assert (record["role"], record["status"]) == ("viewer", 403)


def test_equal_questions_have_equal_digests_in_the_audit(
    client: "TestClient", home: Settings
) -> None:
    for path in ("/v1/customers/c1", "/v1/customers/c1", "/v1/customers/c2"):
        client.get(path)

    first, same, other = (record["parameters"] for record in recorded(home))
    assert first == same != other


def test_nothing_is_answered_that_cannot_be_recorded(client: "TestClient", home: Settings) -> None:
    (home.home / "audit" / "000001.jsonl").mkdir()

    response = client.get("/v1/tables")

    assert (response.status_code, response.json()["code"]) == (503, "audit-write-error")
    assert "orders" not in response.text


def recorded(home: Settings) -> list[dict[str, object]]:
    """Return the records of the audit."""
    text = (home.home / "audit" / "000001.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


# ---------------------------------------------------------------- pages and metrics


def test_the_page_of_the_api_names_no_other_machine(client: "TestClient") -> None:
    page = client.get("/docs")

    assert page.status_code == 200
    assert "http:" not in page.text
    assert "https:" not in page.text
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in page.headers["Content-Security-Policy"].split("style-src")[0]


def test_every_file_of_the_page_is_served_here(client: "TestClient") -> None:
    page = client.get("/docs").text
    files = [part.split('"')[0] for part in page.replace('href="', 'src="').split('src="')[1:]]

    assert len(files) == 3
    for file in (*files, "/docs/openapi.json"):
        assert client.get(file).status_code == 200


def test_the_page_reads_a_document_that_it_understands(client: "TestClient") -> None:
    assert client.get("/docs/openapi.json").json()["openapi"] == "3.0.3"


def test_the_service_is_alive_without_a_database(client: "TestClient") -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def test_metrics_count_requests_by_template_and_say_that_the_database_is_away(
    client: "TestClient",
) -> None:
    client.get(f"/v1/customers/{SECRET}")

    text = client.get("/metrics").text

    line = 'kith_requests_total{method="GET",route="/v1/customers/{customer_id}",status="503"} 1'
    assert line in text.splitlines()
    assert "kith_database_up 0.0" in text.splitlines()
    assert SECRET not in text


def test_an_application_that_is_never_asked_can_be_made_and_left(home: Settings) -> None:
    app = create_app(home)

    app.state.context.close()

    assert (home.home / "keys.sqlite").exists()
