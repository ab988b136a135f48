"""How a customer came to be what it is, and who was whom on any past date.

Since when an account has been with its customer stands on the account; where it had been
before, and from when to when, stands in the events by which it moved. Together they answer
for every date.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from api.identity.events import Happened, of_account, of_customers, of_evidence, shown
from api.identity.members import members, text
from api.identity.parties import PartyNotFoundError
from api.profile import CustomerNotFoundError, whereabouts
from api.views import Ask, View, instant, maps, row_of, texts

ACCOUNT = """
MATCH (a:Account {account_id: $id})
OPTIONAL MATCH (a)-[r:RESOLVED_TO]->(c:Customer)
RETURN c.customer_id AS customer_id, r.since.epochMillis AS since
LIMIT 1
"""
CUSTOMER = """
MATCH (c:Customer {customer_id: $id})
CALL (c) {
  MATCH (c)<-[r:RESOLVED_TO]-(a:Account)
  WITH a, r ORDER BY a.account_id
  RETURN collect({account_id: a.account_id, since: r.since.epochMillis}) AS accounts
}
CALL (c) {
  MATCH (alias:CustomerAlias)-[:MERGED_INTO*1..100]->(c)
  RETURN collect(DISTINCT alias.customer_id) AS merged_ids
}
RETURN {accounts: accounts, merged_ids: merged_ids} AS customer
"""
# changes of identifiers are looked for by their keys: of a very large customer the first ones
MOST_NEEDLES = 500


@dataclass(frozen=True, slots=True)
class Period:
    """From when to when an account was with a customer; ``until`` None: still."""

    customer_id: str
    since: datetime | None
    until: datetime | None

    def holds(self, at: datetime) -> bool:
        """Tell whether ``at`` lies in it; its end belongs to the next one."""
        begun = self.since is None or self.since <= at
        return begun and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Stay:
    """An account's stay with the customer that is asked about."""

    account_id: str
    period: Period


@dataclass(frozen=True, slots=True)
class Past:
    """A customer's stays, past and present, the ids merged into it, and what happened."""

    stays: tuple[Stay, ...]
    merged_ids: tuple[str, ...]
    events: tuple[Happened, ...]

    def accounts(self, at: datetime | None) -> list[Stay]:
        """Return the stays of an instant, of the present if None, by account."""
        held = (
            stay
            for stay in self.stays
            if (stay.period.until is None if at is None else stay.period.holds(at))
        )
        return sorted(held, key=lambda stay: stay.account_id)


def as_of(ask: Ask, account_id: str, *, at: datetime) -> str | None:
    """Return the customer that an account was with at an instant.

    Returns
    -------
    The id that held then, which may be merged or retired by now; None where the account was
    not known.

    Raises
    ------
    PartyNotFoundError
        If there is no such account and never was one that moved.
    """
    return next((p.customer_id for p in periods(ask, account_id) if p.holds(at)), None)


def accounts_as_of(ask: Ask, customer_id: str, *, at: datetime) -> list[str]:
    """Return the accounts that a customer had at an instant, ascending.

    Parameters
    ----------
    customer_id
        Any id that is or ever was a customer's.

    Raises
    ------
    CustomerNotFoundError
        If none ever had it.
    """
    return [stay.account_id for stay in _past(ask, customer_id, at=at).accounts(at)]


def periods(ask: Ask, account_id: str) -> list[Period]:
    """Return which customers an account has been with, oldest first.

    Raises
    ------
    PartyNotFoundError
        If there is no such account and never was one that moved.
    """
    rows = ask(ACCOUNT, {"id": account_id})
    events = of_account(ask, account_id)
    if not rows and not events:
        raise PartyNotFoundError(given=account_id)
    past = [_period(event, account_id) for event in events]
    if rows and rows[0]["customer_id"]:
        past.append(Period(text(rows[0]["customer_id"]), instant(rows[0]["since"]), None))
    return past


def history(ask: Ask, given: str, *, at: datetime | None = None) -> View:
    """Tell what happened to an account or a customer.

    Parameters
    ----------
    given
        The id of an account or of a customer.
    at
        Tell how it was at this instant, and nothing later.

    Returns
    -------
    ``periods`` of an account; ``accounts`` and ``merged_ids`` of a customer; ``events``,
    oldest first.

    Raises
    ------
    PartyNotFoundError
        If the id is nobody's.
    CustomerMovedError, CustomerRetiredError
        If no customer stands under it now and no instant is given.
    """
    if ask(ACCOUNT, {"id": given}):
        return _of_account(ask, given, at=at)
    try:
        return of_customer(ask, given, at=at)
    except CustomerNotFoundError:
        raise PartyNotFoundError(given=given) from None


def of_customer(ask: Ask, customer_id: str, *, at: datetime | None = None) -> View:
    """Tell what happened to a customer, and to those that were merged into it.

    Raises
    ------
    CustomerNotFoundError
        If no customer ever had the id.
    CustomerMovedError, CustomerRetiredError
        If no customer stands under it now and no instant is given.
    """
    past = _past(ask, customer_id, at=at)
    stays = past.accounts(at)
    accounts = [stay.account_id for stay in stays]
    answer = _answer(customer_id, at=at, events=[*past.events, *_decided(ask, accounts)])
    known = [{"account_id": s.account_id, "since": s.period.since} for s in stays]
    return {**answer, "accounts": known, "merged_ids": list(past.merged_ids)}


def _of_account(ask: Ask, account_id: str, *, at: datetime | None) -> View:
    known = [p for p in periods(ask, account_id) if at is None or p.holds(at)]
    moves = of_account(ask, account_id)
    answer = _answer(account_id, at=at, events=[*moves, *_decided(ask, [account_id])])
    return {**answer, "periods": [asdict(period) for period in known]}


def _answer(given: str, *, at: datetime | None, events: Iterable[Happened]) -> View:
    by_id = {event.event_id: event for event in events}
    told = [
        shown(event)
        for _, event in sorted(by_id.items())
        if at is None or event.at is None or event.at <= at
    ]
    nothing: View = {"periods": [], "accounts": [], "merged_ids": []}
    return {"id": given, "as_of": at, **nothing, "events": told}


def _past(ask: Ask, customer_id: str, *, at: datetime | None) -> Past:
    rows = ask(CUSTOMER, {"id": customer_id})
    if not rows:
        missing = whereabouts(ask, customer_id)
        if at is None or isinstance(missing, CustomerNotFoundError):
            raise missing
    held = row_of(rows[0]["customer"]) if rows else {}
    merged = texts(maps(held.get("merged_ids")))
    events = of_customers(ask, [customer_id, *merged])
    stays = [
        Stay(text(row["account_id"]), Period(customer_id, instant(row["since"]), None))
        for row in maps(held.get("accounts"))
    ]
    for event in events:
        if event.left_id == customer_id:
            stays += [Stay(account, _period(event, account)) for account in event.moved]
    return Past(tuple(stays), tuple(merged), tuple(events))


def _period(event: Happened, account_id: str) -> Period:
    return Period(event.left_id, instant(event.moved[account_id]), event.at)


def _decided(ask: Ask, accounts: Sequence[str]) -> list[Happened]:
    """Return decisions on some accounts, and what became of their identifiers."""
    some_of_them = accounts[:MOST_NEEDLES]
    held = members(ask, some_of_them)
    keys = {link.identifier_key for member in held.values() for link in member.links}
    return of_evidence(ask, accounts=some_of_them, identifiers=sorted(keys)[:MOST_NEEDLES])
