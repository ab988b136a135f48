"""What is done around every request: its id, its language, its time, and its digest.

Plain ASGI, two layers: a customer is to be answered in milliseconds, of which framework
middleware would take a good part.
"""

import hashlib
import logging
import re
import secrets
import time
import traceback
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.errors import problem_response
from api.http.metrics import Metrics
from api.problems import InternalError
from graph.language import Language, language_of, speaking

logger = logging.getLogger(__name__)

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
NOTHING_ELSE = "default-src 'none'; frame-ancestors 'none'"
HEADERS = {
    "Content-Security-Policy": NOTHING_ELSE,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-cache",
}


class Frame:
    """The outermost layer: id, language, time, headers, and the last word on a fault."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics, language: Language) -> None:
        self._app = app
        self._metrics = metrics
        self._language = language

    async def __call__(  # noqa: PLR0917 - three by position is what ASGI is
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Answer one request; nothing escapes from here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        answer = _Answer(send, request_id=_request_id(headers))
        scope.setdefault("state", {})["request_id"] = answer.request_id
        started = time.perf_counter()
        with speaking(preferred(headers.get("Accept-Language", ""), otherwise=self._language)):
            try:
                await self._app(scope, receive, answer.send)
            except Exception as error:  # noqa: BLE001 - the outermost handler
                _log(error, request_id=answer.request_id)
                await answer.fail(scope, receive)
        self._note(scope, status=answer.status, seconds=time.perf_counter() - started)

    def _note(self, scope: Scope, *, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path_format", "") or "none"
        method = str(scope["method"])
        self._metrics.note_request(method=method, route=route, status=status, seconds=seconds)
        request_id = scope["state"]["request_id"]
        # the template of the address, never the address: an id or a query may be personal
        logger.info("%s %s %d %.1f ms %s", method, route, status, seconds * 1000, request_id)


class Conditional:
    """Give every answer under ``/v1`` the digest of its body, and repeat no body that is known."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(  # noqa: PLR0917 - as above
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Hold the answer back until its body is whole, where it can be known already."""
        if scope["type"] != "http" or scope["method"] != "GET" or not _is_served(scope["path"]):
            await self._app(scope, receive, send)
            return
        held: list[Message] = []

        async def hold(message: Message) -> None:
            held.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                for released in _released(held, Headers(scope=scope)):
                    await send(released)

        await self._app(scope, receive, hold)


class _Answer:
    """What is sent back: adds the headers of every answer, remembers the status."""

    def __init__(self, send: Send, *, request_id: str) -> None:
        self._send = send
        self.request_id = request_id
        self.status = 500
        self.has_begun = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.has_begun = True
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = self.request_id
            headers.add_vary_header("Accept-Language")
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await self._send(message)

    async def fail(self, scope: Scope, receive: Receive) -> None:
        """Say that kith failed, unless an answer is already on its way."""
        if self.has_begun:
            return
        problem = InternalError(request_id=self.request_id)
        response = problem_response(problem, request_id=self.request_id)
        await response(scope, receive, self.send)


def preferred(wish: str, *, otherwise: Language) -> Language:
    """Return the language that an ``Accept-Language`` header ranks highest among ours.

    Parameters
    ----------
    wish
        Such as ``zh-CN,zh;q=0.9,en;q=0.8``; tags of other languages are passed over.
    otherwise
        For a header that names none of ours.
    """
    ranked = sorted(_tags(wish), key=lambda tag: -tag[1])
    named = (tag for tag, weight in ranked if weight > 0)
    ours = (tag for tag in named if tag.lower().startswith(("en", "zh")))
    return language_of(next(ours, otherwise))


def _tags(wish: str) -> Iterable[tuple[str, float]]:
    for part in wish.split(","):
        tag, _, weight = part.partition(";q=")
        try:
            yield tag.strip(), float(weight or 1)
        except ValueError:
            yield tag.strip(), 0.0


def _request_id(headers: Headers) -> str:
    given = headers.get("X-Request-ID", "")
    return given if REQUEST_ID.fullmatch(given) else secrets.token_hex(8)


def _log(error: Exception, *, request_id: str) -> None:
    """Log where kith failed, without the message, which may quote a value."""
    place = "".join(traceback.format_tb(error.__traceback__))
    logger.error("%s in request %s\n%s", type(error).__name__, request_id, place)


def _is_served(path: str) -> bool:
    return path.startswith("/v1/")


def _released(held: list[Message], asked: Headers) -> list[Message]:
    """Return the messages to send: the answer with its digest, or that nothing has changed."""
    start, *parts = held
    if start["status"] != 200:
        return held
    body = b"".join(part.get("body", b"") for part in parts)
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    MutableHeaders(scope=start)["ETag"] = tag
    if not _is_known(tag, asked.get("If-None-Match", "")):
        return held
    kept = MutableHeaders(scope=start)
    del kept["Content-Length"], kept["Content-Type"]
    return [{**start, "status": 304}, {"type": "http.response.body", "body": b""}]


def _is_known(tag: str, known: str) -> bool:
    tags = [candidate.strip().removeprefix("W/") for candidate in known.split(",")]
    return tag in tags or "*" in tags
