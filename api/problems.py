"""Every error as RFC 9457 ``application/problem+json``, and what each kind of it means.

A problem is an error of ours said over HTTP: its ``code`` and ``type`` are for programs
and never change, ``title`` and ``detail`` are for people and follow their language. The
errors that HTTP adds to the tree of ``graph.errors`` stand here too.
"""

from collections.abc import Iterator, Mapping, Sequence

from pydantic import BaseModel, Field

from graph.errors import (
    BusyError,
    ComputeError,
    ConfigurationError,
    ForbiddenError,
    GraphError,
    GuardError,
    KithError,
    NotFoundError,
    RejectedError,
    SourceError,
)
from graph.language import Text

MEDIA_TYPE = "application/problem+json"
LARGEST_BODY = 256 * 1024  # bytes; the longest query that is allowed fits many times
PAGE = "/problems"
PACKAGES = ("graph", "loaders", "algorithms", "api")


class InvalidRequestError(ConfigurationError):
    """A parameter or the body of a request does not fit; ``errors`` says where."""

    text = Text(
        "{n} value(s) of the request do not fit: {places}.",
        "请求中有 {n} 处取值不合要求：{places}。",
    )


class BodyTooLargeError(ConfigurationError):
    """The body of a request is larger than any question."""

    http_status = 413
    text = Text(
        "The body is larger than {limit} bytes. Send a shorter query or fewer parameters.",
        "请求正文超过 {limit} 字节。请缩短查询或减少参数。",
    )


class TooManyQueriesError(KithError):
    """A key runs as many queries at once as it may."""

    http_status = 429
    text = Text(
        "This key already runs {limit} queries. Wait until one ends, then ask again.",
        "此密钥已有 {limit} 个查询在运行。请等待其中之一结束后再试。",
    )


class NoSuchAddressError(NotFoundError):
    """The API has nothing at this address."""

    text = Text(
        "There is nothing at this address. /docs lists the addresses.",
        "此地址没有内容。可用地址见 /docs。",
    )


class NoSuchProblemError(NotFoundError):
    """No kind of problem has this code."""

    text = Text("There is no problem called {name}.", "没有名为 {name} 的问题类型。")


class WrongMethodError(ConfigurationError):
    """The address answers, but not to this method."""

    http_status = 405
    text = Text("This address does not answer {method}.", "此地址不支持 {method} 方法。")


class RequestRefusedError(ConfigurationError):
    """The request is not HTTP as this server speaks it."""

    http_status = 400
    text = Text("The request cannot be understood.", "无法理解该请求。")


class InternalError(KithError):
    """A fault of kith itself."""

    text = Text(
        "kith failed on this request. The log has the place under the request id {request_id}.",
        "kith 处理此请求时出错。日志中可按请求编号 {request_id} 查到位置。",
    )


class ImportingError(GraphError):
    """A first load is being imported; the database is away meanwhile."""

    text = Text(
        "A load is being imported; the database is back when it ends. Ask again in {seconds} s.",
        "正在批量导入，完成后数据库恢复可用。请在 {seconds} 秒后重试。",
    )


# the title says what to do about a branch of the tree; the nearest branch of a class wins
TITLES: Mapping[type[KithError], Text] = {
    ConfigurationError: Text("The request must change", "请求需要修改"),
    SourceError: Text("A source file cannot be used", "来源文件无法使用"),
    RejectedError: Text("Data was rejected", "数据被拒绝"),
    GraphError: Text("The database is not available", "数据库不可用"),
    BusyError: Text("Somebody else is writing", "另一方正在写入"),
    ComputeError: Text("An algorithm cannot say anything", "算法无法得出结果"),
    NotFoundError: Text("There is no such thing", "找不到对象"),
    ForbiddenError: Text("The key may not do this", "密钥无权执行"),
    GuardError: Text("The guard refused it", "被防护规则拒绝"),
    TooManyQueriesError: Text("Too much at once", "同时进行的查询过多"),
    KithError: Text("Something went wrong", "出现错误"),
}


class InvalidValue(BaseModel):
    """One value that does not fit. The value itself is never repeated."""

    place: str = Field(description="Where it stands, such as query.limit")
    rule: str = Field(description="Stable name of the rule it breaks")
    message: str = Field(description="What is expected")


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str = Field(description="Address of the page that explains this kind of problem")
    title: str = Field(description="Kind of problem, for people")
    status: int = Field(description="HTTP status")
    detail: str = Field(description="What happened, to which input, and what to do")
    code: str = Field(description="Stable name of this kind of problem, for programs")
    request_id: str = Field(description="Finds the request in the log")
    facts: dict[str, str | int | float | bool | None] = Field(
        description="The values that the detail names"
    )
    errors: list[InvalidValue] = Field(
        default_factory=list, description="Each value that does not fit"
    )


class ProblemKind(BaseModel):
    """What a kind of problem means, whatever the occasion."""

    type: str
    code: str
    status: int
    title: str
    about: str
    template: str


def problem_of(
    error: KithError, *, request_id: str, errors: Sequence[InvalidValue] = ()
) -> Problem:
    """Say ``error`` as a problem, in the current language."""
    return Problem(
        type=address_of(error.code()),
        title=str(title_of(type(error))),
        status=error.http_status,
        detail=error.message(),
        code=error.code(),
        request_id=request_id,
        facts={name: _plain(value) for name, value in error.facts.items()},
        errors=list(errors),
    )


def address_of(code: str) -> str:
    """Return the address of the page that explains a kind of problem."""
    return f"{PAGE}/{code}"


def title_of(kind: type[KithError]) -> Text:
    """Return the title of the nearest branch of the error tree."""
    return next(TITLES[branch] for branch in kind.__mro__ if branch in TITLES)


def kinds() -> dict[str, type[KithError]]:
    """Return every error by its code, sorted, of the modules that are in use."""
    found = {kind.code(): kind for kind in _below(KithError) if _is_ours(kind)}
    return dict(sorted(found.items()))


def kind_of(code: str) -> ProblemKind:
    """Explain the kind of problem called ``code``, in the current language.

    Raises
    ------
    NoSuchProblemError
        If nothing has this code.
    """
    kind = kinds().get(code)
    if kind is None:
        raise NoSuchProblemError(name=code)
    return ProblemKind(
        type=address_of(code),
        code=code,
        status=kind.http_status,
        title=str(title_of(kind)),
        about=_summary(kind),
        template=str(kind.text),
    )


def _summary(kind: type[KithError]) -> str:
    return (kind.__doc__ or "").strip().partition("\n\n")[0].replace("\n", " ")


def _below(kind: type[KithError]) -> Iterator[type[KithError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)


def _is_ours(kind: type[KithError]) -> bool:
    """Tell a class that is raised from a branch that only groups others, or one of a test."""
    return kind.__module__.partition(".")[0] in PACKAGES and "text" in vars(kind)


def _plain(value: object) -> str | int | float | bool | None:
    return value if isinstance(value, str | int | float | bool | None) else str(value)
