"""The door: who is asking, whether the role may, and a record of it.

A route that declares no permission does not even import, so nothing is open by oversight.
The key is looked at before the body is, and nothing is answered before it is recorded.
"""

from collections.abc import Callable, Coroutine
from typing import TypeVar

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

from api.audit import Entry
from api.http.context import Asked, Context, context_of
from api.keys import ApiKey, MissingKeyError
from api.problems import LARGEST_BODY, BodyTooLargeError
from api.roles import Permission, require
from graph.errors import KithError

Handler = Callable[[Request], Coroutine[None, None, Response]]
Endpoint = TypeVar("Endpoint", bound=Callable[..., object])

PERMISSION = "x-permission"
SECURITY: list[dict[str, list[str]]] = [{"bearer": []}, {"header": []}]
PURPOSE = "X-Purpose"


class PermittedRoute(APIRoute):
    """A route that needs one permission."""

    @property
    def permission(self) -> Permission:
        """Return what the role of a key must have."""
        return Permission((self.openapi_extra or {})[PERMISSION])

    def get_route_handler(self) -> Handler:
        """Return the handler: authenticate, authorise, answer, record."""
        answer, permission = super().get_route_handler(), self.permission

        async def handler(request: Request) -> Response:
            asked = await run_in_threadpool(_known, request, route=self.path_format)
            status = 500
            try:
                require(asked.key.role, permission)
                request.state.asked = asked
                response = await answer(Request(request.scope, _bounded(request.receive)))
                status = response.status_code
            except KithError as error:
                status = error.http_status
                raise
            except HTTPException as error:
                status = error.status_code
                raise
            except RequestValidationError:
                status = 422
                raise
            else:
                return response
            finally:
                await run_in_threadpool(_record, request, asked, status=status)

        return handler


def _bounded(receive: Receive) -> Receive:
    """Take a body only as far as it may be long."""
    n_taken = 0

    async def take() -> Message:
        nonlocal n_taken
        message = await receive()
        n_taken += len(message.get("body", b""))
        if n_taken > LARGEST_BODY:
            # the framework makes a plain 400 of any other error while it reads a body
            raise HTTPException(BodyTooLargeError.http_status)
        return message

    return take


def v1() -> APIRouter:
    """Return a router for addresses under ``/v1``."""
    return APIRouter(prefix="/v1", route_class=PermittedRoute)


def route(  # noqa: PLR0913 - what is declared of a route, all but two by name
    router: APIRouter,
    path: str,
    *,
    permission: Permission,
    answer: type[BaseModel],
    method: str = "GET",
    status: int = 200,
) -> Callable[[Endpoint], Endpoint]:
    """Declare a route: its address, the one permission it needs, and the model it answers with."""
    return router.api_route(
        path,
        methods=[method],
        response_model=answer,
        status_code=status,
        openapi_extra={PERMISSION: permission.value, "security": SECURITY},
    )


def _known(request: Request, *, route: str) -> Asked:
    """Return the request with the key it carries; none is recorded of a stranger."""
    context = context_of(request)
    asked: dict[str, object] = {**request.path_params, **request.query_params}
    return Asked(context=context, key=_key(request, context), route=route, parameters=asked)


def _key(request: Request, context: Context) -> ApiKey:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    given = token.strip() if scheme.lower() == "bearer" else request.headers.get("X-API-Key", "")
    if not given:
        raise MissingKeyError
    return context.keys.verify(given)


def _record(request: Request, asked: Asked, *, status: int) -> None:
    audit = asked.context.audit
    audit.append(
        Entry(
            key_id=asked.key.key_id,
            role=asked.key.role.value,
            method=request.method,
            route=asked.route,
            status=status,
            parameters=audit.digest(asked.parameters),
            rows=asked.rows,
            purpose=request.headers.get(PURPOSE, ""),
            request_id=request.state.request_id,
        )
    )
