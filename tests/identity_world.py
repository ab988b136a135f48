"""Small worlds for the tests of resolution, written as one line an account.

``crm:1 member phone:138 !email:test`` is the account ``crm:1`` of kind ``member`` with two
identifiers, of which the second stands for nobody. A kind of ``-`` is not stated.
``phone:138@3-20`` was seen from the third to the twentieth day. ``=1990-04-07`` is a birth
date and ``~anna`` a name.
"""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from algorithms.identity.evidence import Facts
from algorithms.identity.ledger import RESOLVED, STATES, Chain, Ledger
from algorithms.identity.links import LINKS
from algorithms.identity.persons import PERSONS
from algorithms.identity.policy import Policy, read_policy
from algorithms.identity.resolution import Resolution, Run, resolve

POLICY = read_policy()
START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
ACCOUNTS = pa.schema([("account_id", pa.string()), ("kind", pa.string())])


def facts_of(*lines: str) -> Facts:
    """Read accounts and identifiers, one line an account."""
    accounts, links, persons = [], [], []
    for line in lines:
        account_id, kind, *words = line.split()
        accounts.append({"account_id": account_id, "kind": None if kind == "-" else kind})
        links += [_link(account_id, word) for word in words if word[0] not in "=~"]
        persons.append({"account_id": account_id, **_person(words)})
    return Facts(
        pa.Table.from_pylist(accounts, ACCOUNTS),
        pa.Table.from_pylist(links, LINKS),
        pa.Table.from_pylist(persons, PERSONS),
    )


def _person(words: list[str]) -> dict[str, str]:
    fields = {"=": "birth_date", "~": "name"}
    return {fields[word[0]]: word[1:] for word in words if word[0] in fields}


def _link(account_id: str, word: str) -> dict[str, object]:
    key, _, seen = word.partition("@")
    name = key.removeprefix("!")
    days = [START + timedelta(days=int(day)) for day in seen.split("-")] if seen else [None] * 2
    return {
        "first_seen_at": days[0],
        "last_seen_at": days[-1],
        "account_id": account_id,
        "identifier_key": name,
        "kind": name.partition(":")[0],
        "never_links": True if key.startswith("!") else None,
    }


def run(
    facts: Facts, ledger: Ledger | None = None, *, day: int = 0, policy: Policy | None = None
) -> Resolution:
    """Resolve on a day after the start."""
    at = START + timedelta(days=day)
    return resolve(facts, ledger or Ledger(), policy=policy or POLICY, run=Run(at, f"run-{day}"))


def ledger_after(
    resolution: Resolution, *, gone: tuple[str, ...] = (), before: Ledger | None = None
) -> Ledger:
    """Return the ledger that a graph holding ``resolution`` gives, without some accounts.

    An account that a load removes takes its link to the customer with it; the customer's
    count stays as it was. ``before`` is the ledger that the chain of events goes on from.
    """
    resolved = resolution.resolved.rename_columns(RESOLVED.names)
    left = pc.invert(pc.is_in(resolved["account_id"], value_set=pa.array(gone, pa.string())))
    chain = (before or Ledger()).chain
    for event in resolution.events.slice(max(len(resolution.events) - 1, 0)).to_pylist():
        chain = Chain(int(event["event_id"]), event["digest"])
    states = resolution.identifiers.select(STATES.names)
    return Ledger(
        resolved.filter(left), resolution.customers, resolution.aliases, chain, states=states
    )


def customers(resolution: Resolution) -> dict[str, str]:
    """Return the customer of each account."""
    pairs = resolution.resolved.select(["start_id", "end_id"]).to_pydict()
    return dict(zip(pairs["start_id"], pairs["end_id"], strict=True))


def groups(resolution: Resolution) -> set[frozenset[str]]:
    """Return the accounts of each customer."""
    found: dict[str, set[str]] = {}
    for account_id, customer_id in customers(resolution).items():
        found.setdefault(customer_id, set()).add(account_id)
    return {frozenset(group) for group in found.values()}


def kinds(resolution: Resolution) -> list[str]:
    """Return the kinds of the events, in order."""
    found: list[str] = resolution.events["kind"].to_pylist()
    return found
