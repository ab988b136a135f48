"""Every way in which a request can fail, answered as a problem."""

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from api.keys import KeyRefusedError
from api.problems import (
    LARGEST_BODY,
    MEDIA_TYPE,
    BodyTooLargeError,
    ImportingError,
    InvalidRequestError,
    InvalidValue,
    NoSuchAddressError,
    RequestRefusedError,
    TooManyQueriesError,
    WrongMethodError,
    problem_of,
)
from api.profile import CustomerMovedError
from graph.errors import GraphError, KithError, some

RETRY_SECONDS = 5


def answer_failures(app: FastAPI) -> None:
    """Answer every failure of ``app`` as ``application/problem+json``."""
    app.add_exception_handler(KithError, on_error)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_http)


def problem_response(
    error: KithError, *, request_id: str, errors: tuple[InvalidValue, ...] = ()
) -> Response:
    """Return ``error`` as a response, in the current language."""
    problem = problem_of(error, request_id=request_id, errors=errors)
    return Response(
        problem.model_dump_json(),
        status_code=error.http_status,
        media_type=MEDIA_TYPE,
        headers=_headers(error),
    )


def on_error(request: Request, error: Exception) -> Response:
    """Answer an error of ours; a merged customer's address leads to the survivor's."""
    assert isinstance(error, KithError)  # registered for nothing else
    response = problem_response(error, request_id=request.state.request_id)
    if isinstance(error, CustomerMovedError):
        response.headers["Location"] = _moved(request, error)
    return response


def on_invalid(request: Request, error: Exception) -> Response:
    """Answer a request whose parameters or body do not fit, without repeating a value."""
    assert isinstance(error, RequestValidationError)  # registered for nothing else
    found = tuple(
        InvalidValue(
            place=".".join(str(part) for part in wrong["loc"]),
            rule=wrong["type"],
            message=wrong["msg"],
        )
        for wrong in error.errors()
    )
    invalid = InvalidRequestError(n=len(found), places=some([wrong.place for wrong in found]))
    return problem_response(invalid, request_id=request.state.request_id, errors=found)


def on_http(request: Request, error: Exception) -> Response:
    """Answer what the framework refuses by itself: no such address, wrong method."""
    assert isinstance(error, HTTPException)  # registered for nothing else
    response = problem_response(
        _http_error(error.status_code, request), request_id=request.state.request_id
    )
    if error.headers and "Allow" in error.headers:
        response.headers["Allow"] = error.headers["Allow"]
    return response


def _http_error(status: int, request: Request) -> KithError:
    match status:
        case 404:
            return NoSuchAddressError()
        case 405:
            return WrongMethodError(method=request.method)
        case 413:
            return BodyTooLargeError(limit=LARGEST_BODY)
        case _:
            return RequestRefusedError()


def _headers(error: KithError) -> dict[str, str]:
    if isinstance(error, KeyRefusedError):
        return {"WWW-Authenticate": "Bearer"}
    if isinstance(error, ImportingError):
        return {"Retry-After": str(error.facts["seconds"])}
    if isinstance(error, GraphError | TooManyQueriesError):
        return {"Retry-After": str(RETRY_SECONDS)}
    return {}


def _moved(request: Request, error: CustomerMovedError) -> str:
    """Return the address asked for, with the survivor's id in place of the merged one."""
    route = request.scope["route"]
    path = route.path_format.format(customer_id=error.facts["survivor"])
    return f"{path}?{request.url.query}" if request.url.query else str(path)
