"""The identity of one customer: its accounts, what joins them, what was refused, who is like it."""

from typing import Final

from api.identity.members import Link, Member, weights
from api.identity.parties import accounts_of
from api.identity.steps import decision, identifier
from api.identity.why import woven
from api.identity.wording import BLOCKS, KEPT_APART, REFUSALS, named, weighed
from api.profile import whereabouts
from api.views import Ask, Row, View
from graph.language import Text

MOST_SHOWN: Final = 200
JOINS: Final = Text("it joins", "用于合并")
LIKELY: Final = """
MATCH (:Customer {customer_id: $id})-[l:LIKELY_SAME]-(other:Customer)
RETURN other.customer_id AS customer_id, l.probability AS probability, l.weight AS weight,
       l.by_field AS by_field, l.kept_apart AS kept_apart, l.model_version AS model_version
ORDER BY probability DESC, customer_id
LIMIT 100
"""


def identity(ask: Ask, customer_id: str) -> View:
    """Read the identity of one customer.

    Returns
    -------
    ``accounts`` with their rules, identifiers (masked) and decisions, at most 200 of them;
    ``steps``, the evidence that joins each to the others; ``likely_same``, customers who
    resemble it and were not joined; ``truncated`` where there are more accounts.

    Raises
    ------
    CustomerNotFoundError, CustomerRetiredError, CustomerMovedError
        If no customer stands under this id now.
    """
    accounts = accounts_of(ask, customer_id)
    if accounts is None:
        raise whereabouts(ask, customer_id)
    found = woven(ask, accounts)
    shown = set(accounts[:MOST_SHOWN])
    steps = [step for step in found.steps() if step["to"] in shown]
    return {
        "customer_id": customer_id,
        "n_accounts": len(accounts),
        "accounts": [_account(m) for m in found.telling.members.values() if m.account_id in shown],
        "steps": steps,
        "unexplained": [account for account in found.lost if account in shown],
        "likely_same": [_likely(row) for row in ask(LIKELY, {"id": customer_id})],
        "truncated": len(accounts) > MOST_SHOWN,
    }


def _account(member: Member) -> View:
    return {
        "account_id": member.account_id,
        "source": member.source,
        "rule": member.rule or None,
        "confidence": member.confidence,
        "since": member.since,
        "run_id": member.run_id or None,
        "linked_to": member.linked_to or None,
        "fields": weighed(member.by_field),
        "identifiers": [_carried(link) for link in member.links],
        "decisions": [{**decision(pin), "account_id": pin.other_id} for pin in member.pins],
    }


def _carried(link: Link) -> View:
    """Show an identifier on an account, and in words why it does not join where it does not."""
    return {
        **identifier(link),
        "linking": link.is_linking,
        "epoch": link.epoch,
        "refused_reason": link.refused or None,
        "first_seen_at": link.first_seen_at,
        "last_seen_at": link.last_seen_at,
        "text": _in_words(link),
    }


def _in_words(link: Link) -> str:
    if link.refused:
        return named(REFUSALS, link.refused)
    return named(BLOCKS, link.reason or "cap") if not link.is_linking else str(JOINS)


def _likely(row: Row) -> View:
    fields = weighed(weights(row["by_field"]))
    kept_apart = named(KEPT_APART, row["kept_apart"]) if row["kept_apart"] else ""
    return {**row, "fields": fields, "text": kept_apart}
