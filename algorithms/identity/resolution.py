"""Resolution as one pure step: facts and the last ledger in, everything to be written out.

Nothing here reads a clock, a file or a database, and no order of rows changes the outcome.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from algorithms.identity.changes import (
    Comparison,
    changed_groups,
    compared,
    heard,
    held,
    rejudged,
    split_from,
    told,
)
from algorithms.identity.decide import Decision, decide
from algorithms.identity.events import Change, chained
from algorithms.identity.evidence import LINKING, REASONS, STATES, Evidence, Facts, gather
from algorithms.identity.ids import Names, name_groups
from algorithms.identity.ledger import ALIASES, TIME, Ledger
from algorithms.identity.linker import Linked
from algorithms.identity.links import Flags
from algorithms.identity.policy import Policy
from algorithms.identity.sides import REFUSALS
from algorithms.identity.union import Union, united
from algorithms.identity.words import pins_shown

NOT_REFUSED: Final = -1
LIKELY: Final = pa.schema(
    [
        ("start_id", pa.string()),
        ("end_id", pa.string()),
        ("weight", pa.float64()),
        ("probability", pa.float64()),
        ("by_field", pa.string()),
        ("kept_apart", pa.string()),
        ("model_version", pa.string()),
    ]
)
TOLD: Final = ("merged", "split", "restored", "retired")


@dataclass(frozen=True)
class Resolution:
    """What the graph must hold after the run; tables have the form of the elements.

    Attributes
    ----------
    customers
        ``customer_id``, ``n_accounts``, ``customer_changed_at`` (null until accounts come to
        or leave a customer that was there): one row a customer.
    resolved
        ``start_id`` (account), ``end_id`` (customer), ``rule``, ``confidence``, ``since``,
        ``run_id``: one row an account; the last two stay where nothing changed.
    identifiers
        ``identifier_key``, ``state``, ``reason`` (null where linking), ``n_accounts``.
    links
        ``start_id`` (account), ``end_id`` (identifier), ``linking``, ``epoch`` (null where
        the identifier had one owner or joins nobody), ``refused_reason`` (null where no join
        was refused).
    aliases
        ``customer_id``, ``merged_into`` (a living customer; null where nobody is left): one
        row for every id that is retired, now or before.
    split_from
        ``start_id``, ``end_id``: the customers that this run split off, and from whom.
    likely
        ``start_id``, ``end_id`` (customers), ``weight``, ``probability``, ``by_field``,
        ``kept_apart``, ``model_version``: who resembles whom and was not joined; one row a pair,
        and no other of the customers that are here.
    pins
        The stewards' pins that stand, by relationship: ``start_id``, ``end_id`` (accounts),
        ``decision_id``, ``by``, ``at``, ``reason``.
    removed
        Customers that cease with this run.
    events
        New events of the chain.
    changed
        Customers whose accounts came or went: what was computed about them no longer holds.
    counts
        Accounts, customers, identifiers in all and by state, changes by kind.
    """

    customers: pa.Table
    resolved: pa.Table
    identifiers: pa.Table
    links: pa.Table
    aliases: pa.Table
    split_from: pa.Table
    likely: pa.Table
    pins: Mapping[str, pa.Table]
    removed: pa.Array
    events: pa.Table
    changed: pa.Array
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Run:
    """A run's instant (UTC) and name: ``since`` and ``run_id`` of what is new."""

    at: datetime
    run_id: str


@dataclass(frozen=True)
class _Ground:
    """What was before, and the run."""

    ledger: Ledger
    run: Run


Linker = Callable[[Evidence, Union], Linked | None]


class IncompleteError(Exception):
    """Accounts are missing that resemble some that are here: what is here cannot be settled."""

    def __init__(self, accounts: frozenset[str]) -> None:
        self.accounts = accounts
        super().__init__(f"{len(accounts)} accounts are missing")


def resolve(
    facts: Facts, ledger: Ledger, *, policy: Policy, run: Run, linker: Linker | None = None
) -> Resolution:
    """Decide who is whom.

    Parameters
    ----------
    facts
        Accounts and identifiers; see ``Facts``.
    ledger
        What the last run left; ``Ledger()`` for the first.
    policy
        Which identifiers join accounts.
    run
        Its instant and name.
    linker
        Joins groups that resemble each other; ``None``: identifiers alone join.

    Raises
    ------
    IncompleteError
        If ``facts`` are a part, and too small a one.
    """
    evidence = gather(facts, policy)
    union = united(evidence, policy, words=facts.words)
    linked = linker(evidence, union) if linker else None
    if linked and linked.missing:
        raise IncompleteError(linked.missing)
    decision = decide(evidence, policy, union=union, linked=linked)
    names = name_groups(evidence, decision, ledger=ledger, words=facts.words)
    comparison = compared(evidence, decision, names=names, ledger=ledger)
    changed = changed_groups(decision, names, ledger=ledger, comparison=comparison)
    moves = list(told(names, decision, ledger=ledger, comparison=comparison))
    changes = [*heard(facts.words, ledger=ledger), *rejudged(evidence, ledger=ledger), *moves]
    ground = _Ground(ledger, run)
    likely = _likely(decision, names)
    counts = {**_counts(evidence, decision, changes=changes), "likely": len(likely)}
    return Resolution(
        customers=_customers(decision, names, changed=changed, ground=ground),
        resolved=_resolved(evidence, decision, comparison=comparison, ground=ground),
        identifiers=_identifiers(evidence),
        links=_links(evidence, decision),
        aliases=_aliases(names, ledger),
        split_from=split_from(moves),
        likely=likely,
        pins=pins_shown(facts.words, evidence.accounts),
        removed=names.retired["customer_id"].combine_chunks(),
        events=chained(changes, ledger.chain, at=run.at, run_id=run.run_id),
        changed=names.customer_ids.filter(pa.array(changed)),
        counts=counts,
    )


def _customers(decision: Decision, names: Names, *, changed: Flags, ground: _Ground) -> pa.Table:
    before = held(names.customer_ids, ground.ledger, column="customer_changed_at")
    at = pa.scalar(ground.run.at, TIME)
    n_accounts = np.bincount(decision.group, minlength=len(decision.founder))
    return pa.table(
        {
            "customer_id": names.customer_ids,
            "n_accounts": pa.array(n_accounts, pa.int64()),
            "customer_changed_at": pc.if_else(pa.array(changed), at, before),
        }
    )


def _resolved(
    evidence: Evidence, decision: Decision, *, comparison: Comparison, ground: _Ground
) -> pa.Table:
    stays = pa.array(comparison.stays)
    before = ground.ledger.resolved.take(comparison.row).combine_chunks()
    confidence = pa.array(decision.confidence)
    same = pc.and_(
        pc.equal(before["rule"], decision.rule), pc.equal(before["confidence"], confidence)
    )
    told = pc.equal(*(pc.fill_null(c, "") for c in (before["by_field"], decision.by_field)))
    as_before = pc.and_(stays, pc.fill_null(pc.and_(same, told), fill_value=False))
    return pa.table(
        {
            "start_id": evidence.accounts,
            "end_id": comparison.customer_ids,
            "rule": decision.rule,
            "confidence": confidence,
            "since": pc.if_else(stays, before["since"], pa.scalar(ground.run.at, TIME)),
            "linked_to": decision.linked_to,
            "by_field": decision.by_field,
            "run_id": pc.if_else(as_before, before["run_id"], pa.scalar(ground.run.run_id)),
        }
    )


def _identifiers(evidence: Evidence) -> pa.Table:
    reasons = evidence.reasons
    return pa.table(
        {
            "identifier_key": evidence.identifiers,
            "state": pa.array(STATES).take(pa.array(evidence.states)),
            "reason": pa.array(REASONS).take(pa.array(reasons, mask=reasons < 0)),
            "n_accounts": pa.array(evidence.n_accounts),
        }
    )


def _links(evidence: Evidence, decision: Decision) -> pa.Table:
    refused = np.full(len(evidence.unit), NOT_REFUSED, dtype=np.int64)
    refused[decision.union.refused] = decision.union.reason
    n_epochs = np.zeros(len(evidence.identifiers), dtype=np.int64)
    np.maximum.at(n_epochs, evidence.links.identifier, evidence.epoch)
    has_turns = (n_epochs > 1) & (evidence.states == LINKING)
    epoch = pa.array(evidence.epoch, mask=~has_turns[evidence.links.identifier])
    return pa.table(
        {
            "start_id": evidence.accounts.take(pa.array(evidence.links.account)),
            "end_id": evidence.identifiers.take(pa.array(evidence.links.identifier)),
            "linking": pa.array(evidence.linking),
            "epoch": epoch,
            "refused_reason": pa.array(REFUSALS).take(
                pa.array(refused, mask=refused == NOT_REFUSED)
            ),
        }
    )


def _aliases(names: Names, ledger: Ledger) -> pa.Table:
    """Return every retired id with its living heir; an alias always answers in one step."""
    heirs = dict(zip(*(names.retired[c].to_pylist() for c in ("customer_id", "heir")), strict=True))
    alive = pc.is_in(ledger.aliases["customer_id"], value_set=names.customer_ids)
    merged = dict(heirs)
    for alias in ledger.aliases.filter(pc.invert(alive)).to_pylist():
        target = alias["merged_into"]
        # a run that was cut off may have left an alias without its heir
        merged[alias["customer_id"]] = heirs.get(target or alias["customer_id"], target)
    return pa.table({"customer_id": list(merged), "merged_into": list(merged.values())}, ALIASES)


def _likely(decision: Decision, names: Names) -> pa.Table:
    """Return the pairs of customers who resemble each other, each with its likeliest pair."""
    if decision.linked is None:
        return LIKELY.empty_table()
    rows = decision.linked.likely
    ends = [names.customer_ids.take(_group(decision, rows[end])) for end in ("one", "other")]
    turned = pc.greater(*ends)
    rows = rows.drop_columns(["one", "other"])
    rows = rows.add_column(0, "end_id", pc.if_else(turned, *ends))
    rows = rows.add_column(0, "start_id", pc.if_else(turned, *reversed(ends)))
    order = [("start_id", "ascending"), ("end_id", "ascending"), ("probability", "descending")]
    rows = rows.sort_by([*order, ("weight", "descending"), ("by_field", "ascending")])
    pair = pc.binary_join_element_wise(rows["start_id"], rows["end_id"], " ")
    places = np.unique(pair.to_numpy(zero_copy_only=False), return_index=True)[1]
    first: list[int] = places.tolist()
    rows = rows.take(pa.array(first, pa.int64()))
    version = pa.array([decision.linked.model] * len(rows), pa.string())
    return rows.append_column("model_version", version).cast(LIKELY)


def _group(decision: Decision, units: pa.ChunkedArray) -> pa.Array:
    """Return the group of each group of layer 1."""
    account = decision.union.founder[units.to_numpy()]
    return pa.array(decision.group[account])


def _counts(evidence: Evidence, decision: Decision, *, changes: Sequence[Change]) -> dict[str, int]:
    states = np.bincount(evidence.states, minlength=len(STATES)).tolist()
    kinds = [change.kind for change in changes]
    return {
        "accounts": len(evidence.accounts),
        "customers": len(decision.founder),
        "identifiers": len(evidence.identifiers),
        **dict(zip(STATES, states, strict=True)),
        "refused": len(decision.union.refused),
        "resembling": int(pc.sum(pc.is_valid(decision.linked_to)).as_py() or 0),
        **{kind: kinds.count(kind) for kind in TOLD},
    }
