"""What is different from the last run: who stays, who changed, what is to be told."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from algorithms.identity.decide import Decision
from algorithms.identity.events import Change
from algorithms.identity.evidence import LINKING, STATES, Evidence
from algorithms.identity.ids import Names
from algorithms.identity.ledger import Ledger
from algorithms.identity.links import Flags, Numbers
from algorithms.identity.words import Words

SPLITS: Final = pa.schema([("start_id", pa.string()), ("end_id", pa.string())])


@dataclass(frozen=True)
class Comparison:
    """Accounts now beside the ledger, aligned with the evidence's accounts.

    ``row`` is the ledger's row of each account (null: a new account), ``stays`` whether its
    customer is the same, ``customer_ids`` its customer now.
    """

    customer_ids: pa.Array
    row: pa.Array
    stays: Flags

    @property
    def is_new(self) -> Flags:
        """Tell which accounts the ledger does not know."""
        return flags(pc.is_null(self.row))


def flags(column: pa.Array) -> Flags:
    """Return a column of booleans without nulls as an array."""
    values: Flags = column.to_numpy(zero_copy_only=False)
    return values


def compared(evidence: Evidence, decision: Decision, *, names: Names, ledger: Ledger) -> Comparison:
    """Put every account beside what the ledger says of it."""
    customer_ids = names.customer_ids.take(pa.array(decision.group))
    row = pc.index_in(evidence.accounts, value_set=ledger.resolved["account_id"].combine_chunks())
    before = ledger.resolved["customer_id"].combine_chunks().take(row)
    stays = pc.fill_null(pc.equal(before, customer_ids), fill_value=False)
    return Comparison(customer_ids, row, flags(stays))


def changed_groups(
    decision: Decision, names: Names, *, ledger: Ledger, comparison: Comparison
) -> Flags:
    """Tell which groups have other accounts than the customer had that they are.

    A group that comes away from another customer has changed too; one of new accounts alone
    has not, for nothing has ever been computed about it.
    """
    n = len(decision.founder)
    joined = np.bincount(decision.group[~comparison.stays], minlength=n) > 0
    moved = ~comparison.stays & ~comparison.is_new
    came = np.bincount(decision.group[moved], minlength=n) > 0
    # accounts that have vanished left no row behind, but the customer was counted with them
    before = held(names.customer_ids, ledger, column="n_accounts")
    counted = np.bincount(decision.group, minlength=n)
    differs = pc.fill_null(before, -1).to_numpy(zero_copy_only=False) != counted
    return np.where(flags(names.is_kept), joined | differs, came)


def held(customer_ids: pa.Array, ledger: Ledger, *, column: str) -> pa.Array:
    """Return what the ledger holds about each customer; null where it knows none."""
    known = ledger.customers["customer_id"].combine_chunks()
    at = pc.index_in(customer_ids, value_set=known)
    return ledger.customers[column].combine_chunks().take(at)


def told(
    names: Names, decision: Decision, *, ledger: Ledger, comparison: Comparison
) -> Iterator[Change]:
    """Tell who came and who moved since the ledger: newcomers in sum, every move by itself.

    What a run that was cut off has announced is not told again. Accounts that it had taken
    from their customers, but not yet given to new ones, look like newcomers: there are none.
    """
    if not ledger.announced:
        yield from _newcomers(names, decision, comparison=comparison)
    for change in _moves(names, ledger, comparison=comparison):
        if change.subject not in ledger.announced:
            yield change


def heard(words: Words, *, ledger: Ledger) -> Iterator[Change]:
    """Tell the stewards' decisions that do not stand in the chain yet."""
    for word in words.spoken:
        if word.decision_id not in ledger.spoken:
            said = {"decision_id": word.decision_id, "verb": word.verb, "reason": word.reason}
            about = {
                "accounts": list(word.accounts),
                "identifier_key": word.identifier,
                "refers": word.refers,
                "customer_id": word.customer_id,
            }
            payload = said | {name: value for name, value in about.items() if value}
            yield Change("steward", payload, actor=word.actor)


def rejudged(evidence: Evidence, *, ledger: Ledger) -> Iterator[Change]:
    """Tell which identifiers join no longer, and which do again, in the order of their accounts."""
    known = ledger.states["identifier_key"].combine_chunks()
    at = pc.index_in(evidence.identifiers, value_set=known)
    before = pc.equal(ledger.states["state"].combine_chunks().take(at), STATES[LINKING])
    joined = pc.fill_null(before, pa.scalar(value=False)).to_numpy(zero_copy_only=False)
    is_known = pc.is_valid(before).to_numpy(zero_copy_only=False)
    joins = evidence.states == LINKING
    for place in _by_first_account(evidence, np.flatnonzero(is_known & (joined != joins))):
        payload = {
            "identifier_key": evidence.identifiers[place].as_py(),
            "kind": evidence.order[evidence.kinds[place]],
            "state": STATES[evidence.states[place]],
            "n_accounts": int(evidence.n_accounts[place]),
        }
        change = Change("unblocked" if joins[place] else "blocked", payload)
        if change.subject not in ledger.announced:
            yield change


def _by_first_account(evidence: Evidence, identifiers: Numbers) -> list[int]:
    """Return identifiers by their smallest account: their keys depend on the secret."""
    least = np.full(len(evidence.identifiers), len(evidence.accounts), dtype=np.int64)
    np.minimum.at(least, evidence.links.identifier, evidence.links.account)
    order = np.lexsort((evidence.kinds[identifiers], least[identifiers]))
    places: list[int] = identifiers[order].tolist()
    return places


def _newcomers(names: Names, decision: Decision, *, comparison: Comparison) -> Iterator[Change]:
    kept = flags(names.is_kept)[decision.group]
    for kind, which in (("created", ~kept), ("absorbed", kept)):
        joined = decision.group[comparison.is_new & which]
        if len(joined):
            yield Change(kind, {"n_accounts": len(joined), "n_customers": len(np.unique(joined))})


def _moves(names: Names, ledger: Ledger, *, comparison: Comparison) -> Iterator[Change]:
    """Tell every flow of accounts from one customer to another, and who has none left."""
    heirs = dict(zip(*(names.retired[c].to_pylist() for c in ("customer_id", "heir")), strict=True))
    flows = _flows(ledger, comparison)
    kept = _kept(ledger, comparison, customers={c for flow in flows for c in flow})
    for (left, to), accounts in flows.items():
        is_merge = heirs.get(left) == to
        survivor, other = (to, left) if is_merge else (left, to)
        parting = "restored" if to in names.restored else "split"
        about = {"customer_id": survivor, "other_id": other, "kept": kept.get(survivor)}
        yield Change("merged" if is_merge else parting, {**about, "accounts": accounts})
    known = set(ledger.aliases["customer_id"].to_pylist())
    for customer_id, heir in heirs.items():
        if heir is None and customer_id not in known:
            yield Change("retired", {"customer_id": customer_id})


def _kept(ledger: Ledger, comparison: Comparison, *, customers: Collection[str]) -> dict[str, str]:
    """Return the smallest account that each of some customers had and has."""
    stays = comparison.row.filter(pa.array(comparison.stays))
    rows = ledger.resolved.take(stays).select(["account_id", "customer_id"])
    rows = rows.filter(
        pc.is_in(rows["customer_id"], value_set=pa.array(list(customers), pa.string()))
    )
    least = rows.group_by("customer_id").aggregate([("account_id", "min")])
    found = (least[name].to_pylist() for name in ("customer_id", "account_id_min"))
    return dict(zip(*found, strict=True))


def split_from(changes: Iterable[Change]) -> pa.Table:
    """Return which new customers came from which (``start_id`` from ``end_id``)."""
    pairs = [
        {"start_id": change.payload["other_id"], "end_id": change.payload["customer_id"]}
        for change in changes
        if change.kind == "split"
    ]
    return pa.Table.from_pylist(pairs, SPLITS)


def _flows(ledger: Ledger, comparison: Comparison) -> dict[tuple[str, str], list[tuple[str, int]]]:
    """Return the accounts, each with its ``since`` in ms, by customer left and customer joined."""
    moved = pc.and_(pc.is_valid(comparison.row), pa.array(~comparison.stays))
    before = ledger.resolved.take(comparison.row.filter(moved))
    rows = before.append_column("joined_id", comparison.customer_ids.filter(moved)).sort_by(
        [(name, "ascending") for name in ("customer_id", "joined_id", "account_id")]
    )
    flows: dict[tuple[str, str], list[tuple[str, int]]] = {}
    columns = [rows[name].to_pylist() for name in ("customer_id", "joined_id", "account_id")]
    since = rows["since"].cast(pa.int64()).to_pylist()
    for left, joined, account_id, at in zip(*columns, since, strict=True):
        flows.setdefault((left, joined), []).append((account_id, at))
    return flows
