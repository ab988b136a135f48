"""``kith identity``: why accounts are one customer or not, and what a steward decides."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Final

import typer

from api.commands.options import AsJson, DryRun
from api.commands.telling import (
    show_events,
    show_history,
    show_queue,
    show_reasons,
    show_stats,
    show_steps,
)
from api.output import emit_json, say
from api.runtime import database, is_interactive, settings_of_call, writing_database
from graph.errors import ConfigurationError
from graph.language import Text

if TYPE_CHECKING:
    from api.identity.deciding import Outcome
    from api.identity.risks import Kind
    from api.identity.speaking import Verb, Wish
    from api.views import Ask, View
    from graph.settings import Settings

Id = Annotated[str, typer.Argument(help="An account, such as crm:1001, or a customer's id.")]
Other = Annotated[str, typer.Argument(help="Another account or customer.")]
Reason = Annotated[str, typer.Option(help="Why; no phone numbers, e-mails or ids of persons.")]
Key = Annotated[
    str | None, typer.Argument(help="Key of the identifier, as 'kith identity why' shows it.")
]
Kind_ = Annotated[
    str | None,
    typer.Option("--kind", help="Instead of a key: kind of the value, which is asked for."),
]
Scope = Annotated[str | None, typer.Option(help="App of an open_id; source of a partner's number.")]

AsOf = Annotated[datetime | None, typer.Option(help="How it was at this instant (UTC).")]

MOST_LISTED: Final = 500


class WishError(ConfigurationError):
    """A decision on the command line does not say what it is about."""

    text = Text("{problem}.", "{problem}。")


TWO_WAYS = Text("Say --together or --apart, one of them", "请指定 --together 或 --apart 之一")
NO_IDENTIFIER = Text(
    "Name an identifier by its key, or give --kind and type its value when asked",
    "请给出标识编号，或指定 --kind 后按提示输入其值",
)


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    group = typer.Typer(help="Who is whom, why, and decisions about it.", no_args_is_help=True)
    for command in (why, why_not, history, review, pin, block, unblock, undo, stats):
        group.command(command.__name__.replace("_", "-"))(command)
    app.add_typer(group, name="identity")


def why(
    one: Id,
    other: Annotated[str | None, typer.Argument(help="Another one; default: all of it.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Tell the evidence that makes two ids one customer, or all that holds a customer together."""
    from api.identity.why import why as explained

    found = _read(lambda ask: explained(ask, one, other=other))
    _shown(found, show_steps, as_json=as_json)


def why_not(one: Id, other: Other, *, as_json: AsJson = False) -> None:
    """Tell what keeps two ids from being one customer."""
    from api.identity.why_not import why_not as explained

    found = _read(lambda ask: explained(ask, one, other=other))
    _shown(found, show_reasons, as_json=as_json)


def history(
    one: Id,
    *,
    as_of: Annotated[
        datetime | None, typer.Option(help="How it was at this instant (UTC).")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tell how a customer came to be, or which customers an account has been with."""
    from api.identity.history import history as told

    at = as_of.replace(tzinfo=UTC) if as_of and as_of.tzinfo is None else as_of
    found = _read(lambda ask: _followed(lambda given: told(ask, given, at=at), one))
    _shown(found, show_history, as_json=as_json)


def _followed(tell: "Callable[[str], View]", given: str) -> "View":
    """Tell of whoever answers for a merged id."""
    from api.output import note
    from api.profile import CustomerMovedError

    try:
        return tell(given)
    except CustomerMovedError as moved:
        note(str(moved))
        return tell(str(moved.facts["survivor"]))


def review(
    *,
    limit: Annotated[int, typer.Option(min=1, max=MOST_LISTED, help="Most items.")] = 20,
    kind: Annotated[
        str | None,
        typer.Option(help="Only doubtful-join, likely-same, large, limit or bridge."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List what a person should look at, the riskiest first."""
    from api.identity.review import review as queue
    from api.pages import Page

    chosen = _kind(kind)
    part = _read(lambda ask: {"items": queue(ask, page=Page(limit), kind=chosen).items})
    _shown(part, show_queue, as_json=as_json)


def _kind(wish: str | None) -> "Kind | None":
    from api.identity.risks import FINDERS

    chosen = next((kind for kind in FINDERS if kind == wish), None)
    if wish is not None and chosen is None:
        known = ", ".join(FINDERS)
        raise WishError(problem=Text(f"--kind is one of {known}", f"--kind 可选值：{known}"))
    return chosen


def stats(*, as_json: AsJson = False) -> None:
    """Count customers by size, identifiers by state, refusals by reason; name the largest."""
    from api.identity.stats import stats as counted

    _shown(_read(counted), show_stats, as_json=as_json)


def pin(
    one: Id,
    other: Other,
    *,
    reason: Reason,
    together: Annotated[bool, typer.Option("--together", help="They are one person.")] = False,
    apart: Annotated[bool, typer.Option("--apart", help="They are not.")] = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Decide that two accounts are one person, or are not; it outlives every resolution."""
    from api.identity.reasons import checked

    if together == apart:
        raise WishError(problem=TWO_WAYS)
    checked(reason)
    wish = _wish("together" if together else "apart", reason, accounts=(one, other))
    _decide(wish, dry_run=dry_run, as_json=as_json)


def block(
    identifier: Key = None,
    *,
    kind: Kind_ = None,
    scope: Scope = None,
    reason: Reason = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Decide that an identifier joins nobody."""
    key = identifier or _key_of_value(kind, scope)
    _decide(_wish("block", reason, identifier_key=key), dry_run=dry_run, as_json=as_json)


def unblock(
    identifier: Key = None,
    *,
    kind: Kind_ = None,
    scope: Scope = None,
    reason: Reason = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Decide that an identifier may join, however many accounts share it."""
    key = identifier or _key_of_value(kind, scope)
    _decide(_wish("unblock", reason, identifier_key=key), dry_run=dry_run, as_json=as_json)


def undo(
    event: Annotated[str, typer.Argument(help="Id of an event or of a decision.")],
    *,
    reason: Reason = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Undo a merge, a split, a change of an identifier, or a steward's decision."""
    _decide(_wish("undo", reason, undo=event), dry_run=dry_run, as_json=as_json)


def _key_of_value(kind: str | None, scope: str | None) -> str:
    """Ask for a value, which never stands in a command, and return its keyed hash."""
    from pydantic import ValidationError

    from api.lookup import IdentifierValueError, identifier_key
    from api.models import LookupRequest

    if kind is None:
        raise WishError(problem=NO_IDENTIFIER)
    try:
        wanted = LookupRequest.model_validate({"kind": kind, "value": _typed(kind), "scope": scope})
    except ValidationError:
        raise IdentifierValueError(kind=kind) from None
    return identifier_key(wanted, settings=settings_of_call())


def _typed(kind: str) -> str:
    if is_interactive():
        value: str = typer.prompt(kind, hide_input=True, err=True)
        return value.strip()
    return typer.get_text_stream("stdin").readline().strip()


def _wish(
    verb: "Verb",
    reason: str,
    *,
    accounts: tuple[str, ...] = (),
    identifier_key: str = "",
    undo: str = "",
) -> "Wish":
    from api.identity.speaking import Wish

    return Wish(verb, reason, accounts=accounts, identifier_key=identifier_key, undo=undo)


def _decide(wish: "Wish", *, dry_run: bool, as_json: bool) -> None:
    outcome = _outcome(settings_of_call(), wish, dry_run=dry_run)
    answer = {**outcome.shown(), "dry_run": dry_run}
    _shown(answer, show_events, as_json=as_json)


def _outcome(settings: "Settings", wish: "Wish", *, dry_run: bool) -> "Outcome":
    import getpass
    import uuid

    from api.identity.deciding import decide, simulate

    actor = getpass.getuser()
    with writing_database(settings) as opened:
        if dry_run:
            return simulate(opened, settings, wish=wish, actor=actor)
        # every call is a request of its own: its words are undone together
        return decide(opened, settings, wish=wish, actor=actor, key=f"cli {uuid.uuid4().hex}")


def _read(tell: "Callable[[Ask], View]") -> "View":
    with database(settings_of_call()) as opened:
        return tell(opened.read)


def _shown(found: "View", show: "Callable[[View], None]", *, as_json: bool) -> None:
    if as_json:
        emit_json(found)
        return
    if found.get("text"):
        say(str(found["text"]))
    show(found)
