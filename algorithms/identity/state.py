"""What the graph holds about who is whom, read once at the start of a run.

A run that was cut off left its events in the chain and its record unfinished. The next run
goes on under its name. If there is no record yet, the events may be incomplete and nothing
has been done about them: they are told again.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from algorithms.identity.events import n_standing, subject_of
from algorithms.identity.evidence import Facts
from algorithms.identity.ground import SAID
from algorithms.identity.ledger import ALIASES, CUSTOMERS, RESOLVED, STATES, Chain, Ledger
from algorithms.identity.words import PIN
from graph.elements import read_element
from graph.reader import Reader
from graph.session import Database
from graph.spec import GraphSpec

ALGORITHM: Final = "identity"
HAS_IDENTIFIER: Final = "Account-HAS_IDENTIFIER-Identifier"
RESOLVED_TO: Final = "Account-RESOLVED_TO-Customer"
SPLIT_FROM: Final = "Customer-SPLIT_FROM-Customer"
LIKELY_SAME: Final = "Customer-LIKELY_SAME-Customer"
LIKELY_COLUMNS: Final = (
    "start_id",
    "end_id",
    "weight",
    "probability",
    "by_field",
    "kept_apart",
    "model_version",
)
TOGETHER: Final = "Account-TOGETHER-Account"
APART: Final = "Account-APART-Account"
MERGED_INTO: Final = "CustomerAlias-MERGED_INTO-Customer"

ENDS: Final = ("start_id", "end_id")
SEEN: Final = ("first_seen_at", "last_seen_at")
JUDGED: Final = ("linking", "epoch", "refused_reason")
ACCOUNT: Final = ("account_id", "kind", *SAID)
IDENTIFIER: Final = ("identifier_key", "kind", "never_links")
EPOCHS: Final = pa.schema([(f.name, pa.int64() if f.name == "at" else f.type) for f in PIN])
PIN_COLUMNS: Final = tuple(PIN.names[2:])
PINNED: Final = """
MATCH (a:Account)-[r:{type}]->(b:Account)
RETURN a.account_id AS start_id, b.account_id AS end_id, r.decision_id AS decision_id,
       r.by AS by, r.at.epochMillis AS at, r.reason AS reason
"""

Read = Callable[[str, Sequence[str]], pa.Table]


@dataclass(frozen=True)
class PastRun:
    """A run that has left its record; ``started_at`` is in epoch milliseconds."""

    run_id: str
    started_at: int
    parameters: str
    counts: Mapping[str, int]
    is_finished: bool


@dataclass(frozen=True)
class State:
    """What the graph holds: facts, ledger, and the knowledge to compare with.

    ``identifiers``, ``links`` and ``likely`` have the columns of ``Resolution``;
    ``merged_into`` has ``start_id`` and ``end_id``; ``decided`` are the pins that the graph
    shows, by relationship. ``torn`` are events of a run that was cut off while telling.
    ``is_part`` tells that only some of the accounts are here, with all that linking evidence
    joins to them.
    """

    facts: Facts
    ledger: Ledger
    identifiers: pa.Table
    links: pa.Table
    merged_into: pa.Table
    torn: pa.Array
    likely: pa.Table
    decided: Mapping[str, pa.Table]
    is_part: bool = False


def past_runs(database: Database, spec: GraphSpec) -> list[PastRun]:
    """Return the runs of resolution, oldest first."""
    columns = ("run_id", "algorithm", "started_at", "seconds", "parameters", "counts")
    rows = read_element(database, spec, name="AlgorithmRun", columns=columns)
    own = rows.filter(pc.equal(rows["algorithm"], ALGORITHM))
    own = own.set_column(2, "started_at", own["started_at"].cast(pa.int64()))
    found = [
        PastRun(
            run_id=row["run_id"],
            started_at=row["started_at"] or 0,
            parameters=row["parameters"] or "",
            counts=json.loads(row["counts"] or "{}"),
            is_finished=row["seconds"] is not None,
        )
        for row in own.to_pylist()
    ]
    return sorted(found, key=lambda run: (run.started_at, run.run_id))


def unfinished_run(runs: Sequence[PastRun]) -> str:
    """Return the run that was cut off, or nothing."""
    return next((run.run_id for run in runs if not run.is_finished), "")


def read_state(database: Database, spec: GraphSpec, *, runs: Sequence[PastRun]) -> State:
    """Read facts, ledger and present knowledge.

    Parameters
    ----------
    database, spec
        Where from; the spec declares the elements.
    runs
        All past runs.
    """

    def read(name: str, columns: Sequence[str]) -> pa.Table:
        return read_element(database, spec, name=name, columns=columns)

    identifiers = read("Identifier", [*IDENTIFIER, "state", "reason", "n_accounts"])
    links = read(HAS_IDENTIFIER, [*ENDS, *SEEN, *JUDGED])
    merged_into = read(MERGED_INTO, ENDS)
    states = identifiers.select(STATES.names).filter(pc.is_valid(identifiers["state"]))
    ledger, torn = _ledger(read, merged_into, runs=runs, states=states)
    return State(
        facts=Facts(read("Account", ACCOUNT), _identifiers_of(links, identifiers)),
        ledger=ledger,
        identifiers=identifiers.select(["identifier_key", "state", "reason", "n_accounts"]),
        links=links.select([*ENDS, *JUDGED]),
        merged_into=merged_into,
        torn=torn,
        likely=read(LIKELY_SAME, LIKELY_COLUMNS),
        decided=read_decided(database, spec),
    )


def read_decided(database: Database, spec: GraphSpec) -> dict[str, pa.Table]:
    """Read the pins that the graph shows: few, however large it is."""
    found = {}
    for name in (TOGETHER, APART):
        link = spec.relationships[name]
        # by their type, and not account after account as elements are read
        rows = database.read(PINNED.format(type=link.type))
        made = pa.table({p: [row[p] for row in rows] for p in (*ENDS, *PIN_COLUMNS)})
        found[name] = made.cast(EPOCHS).cast(PIN)
    return found


def read_facts(reader: Reader) -> Facts:
    """Read what resolution needs of the facts alone, from staging or from the graph."""
    links = reader.element(HAS_IDENTIFIER, [*ENDS, *SEEN])
    identifiers = reader.element("Identifier", IDENTIFIER)
    return Facts(reader.element("Account", ACCOUNT), _identifiers_of(links, identifiers))


def _identifiers_of(links: pa.Table, identifiers: pa.Table) -> pa.Table:
    """Put kind and mark of the identifier on each link."""
    known = identifiers["identifier_key"].combine_chunks()
    at = pc.index_in(links["end_id"].combine_chunks(), value_set=known)
    return pa.table(
        {
            "account_id": links["start_id"],
            "identifier_key": links["end_id"],
            "kind": identifiers["kind"].combine_chunks().take(at),
            "never_links": identifiers["never_links"].combine_chunks().take(at),
            "first_seen_at": links["first_seen_at"],
            "last_seen_at": links["last_seen_at"],
        }
    )


def _ledger(
    read: Read, merged_into: pa.Table, *, runs: Sequence[PastRun], states: pa.Table
) -> tuple[Ledger, pa.Array]:
    resolved = read(RESOLVED_TO, [*ENDS, *RESOLVED.names[2:]])
    events = read("ResolutionEvent", ["event_id", "run_id", "kind", "payload", "digest"])
    events = events.sort_by("event_id")
    named = (events[column].to_pylist() for column in ("event_id", "run_id"))
    whole = n_standing(*named, known={run.run_id for run in runs})
    told = events.slice(0, whole)
    chain = Chain(whole, told["digest"][-1].as_py()) if whole else Chain()
    ledger = Ledger(
        resolved=resolved.rename_columns(RESOLVED.names),
        customers=read("Customer", CUSTOMERS.names),
        aliases=_aliases(read("CustomerAlias", ["customer_id"]), merged_into),
        chain=chain,
        announced=_announced(told, unfinished_run(runs)),
        spoken=_spoken(told),
        states=states,
    )
    return ledger, events["event_id"].slice(whole).combine_chunks()


def _announced(events: pa.Table, unfinished: str) -> frozenset[str]:
    if not unfinished:
        return frozenset()
    own = events.filter(pc.equal(events["run_id"], unfinished)).select(["kind", "payload"])
    return frozenset(subject_of(e["kind"], json.loads(e["payload"])) for e in own.to_pylist())


def _spoken(events: pa.Table) -> frozenset[str]:
    told = events.filter(pc.equal(events["kind"], "steward"))["payload"].to_pylist()
    return frozenset(json.loads(payload).get("decision_id", "") for payload in told)


def _aliases(retired: pa.Table, merged_into: pa.Table) -> pa.Table:
    ids = retired["customer_id"].combine_chunks()
    at = pc.index_in(ids, value_set=merged_into["start_id"].combine_chunks())
    heirs = merged_into["end_id"].combine_chunks().take(at)
    return pa.table([ids, heirs], schema=ALIASES)
