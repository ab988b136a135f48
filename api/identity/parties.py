"""Whom an id means: an account, a customer, or what has become of a merged one."""

import json
from dataclasses import dataclass

from api.profile import CustomerMovedError, whereabouts
from api.views import Ask
from graph.errors import NotFoundError
from graph.language import Text

ACCOUNT = """
MATCH (a:Account {account_id: $id})
OPTIONAL MATCH (a)-[:RESOLVED_TO]->(c:Customer)
RETURN c.customer_id AS customer_id
LIMIT 1
"""
CUSTOMER = """
MATCH (c:Customer {customer_id: $id})
CALL (c) {
  MATCH (c)<-[:RESOLVED_TO]-(a:Account)
  WITH a ORDER BY a.account_id
  RETURN collect(a.account_id) AS accounts
}
RETURN accounts
"""
MOVES = """
MATCH (e:ResolutionEvent {kind: 'merged'})
WHERE e.payload CONTAINS $needle
RETURN e.payload AS payload
ORDER BY e.event_id DESC
"""


class PartyNotFoundError(NotFoundError):
    """The id is neither an account's nor a customer's."""

    text = Text(
        "There is no account or customer {given}. An account is named by its source and key, such "
        "as crm:1001.",
        "没有账户或客户 {given}。账户以来源和编号命名，例如 crm:1001。",
    )


@dataclass(frozen=True, slots=True)
class Party:
    """Who is meant.

    ``customer_id`` is the living customer, "" for an account that has none yet; ``accounts``
    are those meant, ascending: the account itself, all of the customer's, or, of a customer
    that was merged, those that it brought along and that are still there.
    """

    given: str
    customer_id: str
    accounts: tuple[str, ...]
    is_account: bool


def party(ask: Ask, given: str) -> Party:
    """Find out whom an id means.

    Raises
    ------
    PartyNotFoundError
        If no account or customer has it, or ever had.
    CustomerRetiredError
        If it was a customer's whose accounts are all gone.
    """
    rows = ask(ACCOUNT, {"id": given})
    if rows:
        return Party(given, str(rows[0]["customer_id"] or ""), (given,), is_account=True)
    accounts = accounts_of(ask, given)
    if accounts is not None:
        return Party(given, given, accounts, is_account=False)
    missing = whereabouts(ask, given)
    if not isinstance(missing, CustomerMovedError):
        raise PartyNotFoundError(given=given) if missing.http_status == 404 else missing
    return _merged(ask, given, survivor=str(missing.facts["survivor"]))


def parted(first: Party, second: Party) -> tuple[list[str], list[str]]:
    """Return the accounts of both without those in common: one may be a part of the other."""
    common = set(first.accounts) & set(second.accounts)
    one = [account for account in first.accounts if account not in common]
    other = [account for account in second.accounts if account not in common]
    return one or list(first.accounts), other or list(second.accounts)


def accounts_of(ask: Ask, customer_id: str) -> tuple[str, ...] | None:
    """Return the accounts of a living customer, ascending; None where there is no such one."""
    rows = ask(CUSTOMER, {"id": customer_id})
    if not rows:
        return None
    held = rows[0]["accounts"]
    return tuple(str(account) for account in held) if isinstance(held, list) else ()


def _merged(ask: Ask, given: str, *, survivor: str) -> Party:
    now = accounts_of(ask, survivor) or ()
    rows = ask(MOVES, {"needle": json.dumps(given, ensure_ascii=False)})
    payloads = [json.loads(str(row["payload"])) for row in rows]
    moved = {
        str(account)
        for payload in payloads
        if payload.get("other_id") == given
        for account, _ in payload["accounts"]
    }
    brought = tuple(account for account in now if account in moved)
    return Party(given, survivor, brought or now, is_account=False)
