"""Digests of answers, addresses of next pages, and slots: each part of the way by itself."""

import asyncio
import hashlib
from collections.abc import Sequence
from itertools import pairwise
from typing import cast
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import ValidationError
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from api.http.context import Asked
from api.http.cypher import MOST_AT_ONCE, Slots
from api.http.middleware import Conditional, preferred
from api.http.paging import DEFAULT, MOST, PageQuery, paged
from api.pages import Page, Part
from api.problems import TooManyQueriesError

BODY = '{"items":["北京"]}'.encode()
TAG = f'"{hashlib.sha256(BODY).hexdigest()[:32]}"'


class Answering:
    """An application that answers with given parts of a body."""

    def __init__(self, parts: Sequence[bytes], *, status: int = 200) -> None:
        self._parts, self._status = parts, status

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(sum(map(len, self._parts))).encode()),
        ]
        await send({"type": "http.response.start", "status": self._status, "headers": headers})
        for place, part in enumerate(self._parts):
            more = place + 1 < len(self._parts)
            await send({"type": "http.response.body", "body": part, "more_body": more})


def answer(
    *parts: bytes, known: str = "", method: str = "GET", path: str = "/v1/runs", status: int = 200
) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body of one request through the digest layer."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    headers = [(b"if-none-match", known.encode())] if known else []
    scope = {"type": "http", "method": method, "path": path, "headers": headers}
    asyncio.run(Conditional(Answering(parts, status=status))(scope, receive, send))
    start, *bodies = sent
    named = {name.decode(): value.decode() for name, value in start["headers"]}
    return start["status"], named, b"".join(part["body"] for part in bodies)


# ---------------------------------------------------------------- digests


def test_an_answer_gets_the_digest_of_its_body() -> None:
    status, headers, body = answer(BODY)

    assert (status, body) == (200, BODY)
    assert headers["etag"] == TAG


@pytest.mark.parametrize("cuts", [(1,), (5, 9), (0,), (len(BODY),)])
def test_a_body_in_parts_has_the_digest_of_the_whole(cuts: tuple[int, ...]) -> None:
    edges = [0, *cuts, len(BODY)]
    parts = [BODY[start:end] for start, end in pairwise(edges)]

    _, headers, body = answer(*parts)

    assert (headers["etag"], body) == (TAG, BODY)


@pytest.mark.parametrize(
    ("known", "is_known"),
    [
        (TAG, True),
        (f"W/{TAG}", True),
        (f'"other", {TAG}', True),
        (f'W/"other" , W/{TAG}', True),
        ("*", True),
        ('"other"', False),
        (TAG.strip('"'), False),
        (TAG.upper(), False),
        (f"{TAG}x", False),
        (",", False),
    ],
)
def test_a_known_digest_saves_the_body(known: str, *, is_known: bool) -> None:
    status, headers, body = answer(BODY, known=known)

    assert status == (304 if is_known else 200)
    assert body == (b"" if is_known else BODY)
    assert headers["etag"] == TAG
    assert ("content-length" in headers) is not is_known
    assert ("content-type" in headers) is not is_known


@pytest.mark.parametrize("status", [201, 308, 404, 422, 500, 503])
def test_only_a_plain_answer_has_a_digest(status: int) -> None:
    found, headers, body = answer(BODY, known="*", status=status)

    assert (found, body) == (status, BODY)
    assert "etag" not in headers


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/v1/cypher"), ("HEAD", "/v1/runs"), ("GET", "/docs"), ("GET", "/v10"), ("GET", "/")],
)
def test_other_methods_and_addresses_pass_untouched(method: str, path: str) -> None:
    status, headers, body = answer(BODY, known="*", method=method, path=path)

    assert (status, body) == (200, BODY)
    assert "etag" not in headers


def test_an_empty_answer_has_a_digest_too() -> None:
    _, headers, _ = answer(b"")

    assert headers["etag"] == f'"{hashlib.sha256(b"").hexdigest()[:32]}"'


# ---------------------------------------------------------------- language


@pytest.mark.parametrize(
    ("wish", "language"),
    [
        ("zh-Hans-CN", "zh"),
        ("EN-us", "en"),
        ("zh;q=0.5,en;q=0.5", "zh"),
        ("en;q=0.5,zh;q=0.5", "en"),
        ("en;q=0,zh;q=0", "en"),
        ("ja,zh;q=0.001", "zh"),
        ("zh;q=1.0,en;q=0.99", "zh"),
        (" zh , en ", "zh"),
    ],
)
def test_the_first_of_the_highest_ranked_is_spoken(wish: str, language: str) -> None:
    assert preferred(wish, otherwise="en") == language


# ---------------------------------------------------------------- addresses of next pages


class Counted:
    """Takes note of how many rows were answered, as a request does."""

    rows: int | None = None


def page_of(part: Part, query: str) -> tuple[dict[str, object], int | None]:
    scope = {"type": "http", "path": "/v1/runs", "query_string": query.encode(), "headers": []}
    counted = Counted()
    shown = paged(part, request=Request({**scope, "method": "GET"}), asked=cast("Asked", counted))
    return dict(shown), counted.rows


def test_the_last_page_leads_nowhere_and_is_counted() -> None:
    shown, rows = page_of(Part(items=[{"a": 1}], cursor=None), "limit=5")

    assert shown == {"items": [{"a": 1}], "next": None}
    assert rows == 1


def test_the_next_address_keeps_every_parameter_and_takes_the_new_cursor() -> None:
    shown, _ = page_of(Part(items=[], cursor="new"), "limit=5&cursor=old&algorithm=r%26f%20m")

    address = urlsplit(str(shown["next"]))
    assert address.path == "/v1/runs"
    assert parse_qs(address.query) == {"limit": ["5"], "cursor": ["new"], "algorithm": ["r&f m"]}


def test_the_next_address_names_no_host() -> None:
    shown, _ = page_of(Part(items=[], cursor="new"), "")

    assert shown["next"] == "/v1/runs?cursor=new"


@pytest.mark.parametrize("limit", [1, DEFAULT, MOST])
def test_a_page_may_be_as_long_as_promised(limit: int) -> None:
    assert PageQuery(limit=limit, cursor=None).page == Page(limit=limit, cursor=None)


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 0},
        {"limit": -1},
        {"limit": MOST + 1},
        {"limit": 1.5},
        {"limit": "many"},
        {"cursor": "x" * 1001},
        {"offset": 3},
    ],
)
def test_a_page_of_another_form_is_refused(query: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        PageQuery.model_validate(query)


# ---------------------------------------------------------------- slots


def test_a_key_holds_as_many_slots_as_it_may_and_not_one_more() -> None:
    slots = Slots()

    with slots.taken("k"), slots.taken("k"):
        with pytest.raises(TooManyQueriesError) as caught, slots.taken("k"):
            pytest.fail("a third slot was given")

        assert caught.value.facts == {"limit": MOST_AT_ONCE}
        with slots.taken("other"):
            pass


def test_a_slot_comes_back_even_where_the_query_fails() -> None:
    slots = Slots(most=1)

    for _ in range(3):
        with pytest.raises(ZeroDivisionError), slots.taken("k"):
            raise ZeroDivisionError
    with slots.taken("k"):
        pass


def test_a_refused_query_takes_no_slot_with_it() -> None:
    slots = Slots(most=1)

    with slots.taken("k"):
        for _ in range(3):
            with pytest.raises(TooManyQueriesError), slots.taken("k"):
                pytest.fail("a second slot was given")
    with slots.taken("k"):
        pass
