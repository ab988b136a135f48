"""Seconds of the first form of resolution on arrays, without a database.

    python bench/identity_first.py [customers]

Draws accounts and identifiers in the proportions of the generator (1.5 accounts and 2.5
identifiers a customer) and resolves them three times: from nothing, again, and after one
account in a hundred has lost its identifiers.
"""

import resource
import sys
import time
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from algorithms.identity.evidence import Facts
from algorithms.identity.ledger import Ledger
from algorithms.identity.policy import Policy, read_policy
from algorithms.identity.resolution import Resolution, resolve

SOURCES = ("crm", "erp", "till", "web", "call", "forum", "partner")
KINDS = ("member", "member", "card", "visitor", "call", "community", "partner")


def facts_of(customers: int, *, seed: int = 1) -> Facts:
    """Draw accounts and identifiers of ``customers`` people."""
    random = np.random.default_rng(seed)
    n, links = customers * 3 // 2, customers * 5 // 2
    person = random.integers(0, customers, n)
    source = random.integers(0, len(SOURCES), n)
    names = pa.array(SOURCES).take(pa.array(source))
    ids = pc.binary_join_element_wise(names, pa.array(np.arange(n)).cast(pa.string()), ":")
    kinds = pa.array(KINDS).take(pa.array(source))
    account = random.integers(0, n, links)
    # one identifier in a hundred is somebody else's: families and slips
    owner = np.where(
        random.random(links) < 0.01, random.integers(0, customers, links), person[account]
    )
    kind = random.choice(["phone", "email", "cookie", "member_no"], links, p=[0.4, 0.25, 0.25, 0.1])
    keys = pc.binary_join_element_wise(
        pa.array(kind), pa.array(owner * 2 + random.integers(0, 2, links)).cast(pa.string()), ":"
    )
    accounts = pa.table({"account_id": ids, "kind": kinds})
    identifiers = pa.table(
        {
            "account_id": ids.take(pa.array(account)),
            "identifier_key": keys,
            "kind": pa.array(kind),
            "never_links": pa.nulls(links, pa.bool_()),
        }
    )
    return Facts(accounts, identifiers)


def ledger_after(resolution: Resolution) -> Ledger:
    """Return the ledger that a graph holding ``resolution`` would give."""
    resolved = resolution.resolved.rename_columns(
        ["account_id", "customer_id", "rule", "confidence", "since", "run_id"]
    )
    return Ledger(resolved=resolved, customers=resolution.customers, aliases=resolution.aliases)


def timed(name: str, facts: Facts, *, ledger: Ledger, policy: Policy) -> Resolution:
    """Resolve once and print the seconds."""
    begun = time.perf_counter()
    resolution = resolve(facts, ledger, policy=policy, at=datetime.now(UTC), run_id=name)
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"{name:12} {seconds:6.1f} s  peak {peak:4.1f} GB  {dict(resolution.counts)}")
    return resolution


def main() -> None:
    """Print one line a run."""
    customers = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    facts, policy = facts_of(customers), read_policy()
    first = timed("from nothing", facts, ledger=Ledger(), policy=policy)
    again = timed("again", facts, ledger=ledger_after(first), policy=policy)
    keep = np.random.default_rng(2).random(len(facts.identifiers)) > 0.01
    fewer = Facts(facts.accounts, facts.identifiers.filter(pa.array(keep)))
    timed("1 % less", fewer, ledger=ledger_after(again), policy=policy)


if __name__ == "__main__":
    main()
