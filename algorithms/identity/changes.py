"""What is different from the last run: who stays, who changed, what is to be told."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from algorithms.identity.decide import Decision
from algorithms.identity.events import Change
from algorithms.identity.evidence import Evidence, Flags
from algorithms.identity.ids import Names
from algorithms.identity.ledger import Ledger


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
    """Tell what happened since the ledger: newcomers in sum, every move by itself.

    What a run that was cut off has announced is not told again. Accounts that it had taken
    from their customers, but not yet given to new ones, look like newcomers: there are none.
    """
    if not ledger.announced:
        yield from _newcomers(names, decision, comparison=comparison)
    for change in _moves(names, ledger, comparison=comparison):
        if change.subject not in ledger.announced:
            yield change


def _newcomers(names: Names, decision: Decision, *, comparison: Comparison) -> Iterator[Change]:
    kept = flags(names.is_kept)[decision.group]
    for kind, which in (("created", ~kept), ("absorbed", kept)):
        joined = decision.group[comparison.is_new & which]
        if len(joined):
            yield Change(kind, {"n_accounts": len(joined), "n_customers": len(np.unique(joined))})


def _moves(names: Names, ledger: Ledger, *, comparison: Comparison) -> Iterator[Change]:
    """Tell every flow of accounts from one customer to another, and who has none left."""
    heirs = dict(zip(*(names.retired[c].to_pylist() for c in ("customer_id", "heir")), strict=True))
    for (left, to), accounts in _flows(ledger, comparison).items():
        is_merge = heirs.get(left) == to
        survivor, other = (to, left) if is_merge else (left, to)
        payload = {"customer_id": survivor, "other_id": other, "accounts": accounts}
        yield Change("merged" if is_merge else "split", payload)
    known = set(ledger.aliases["customer_id"].to_pylist())
    for customer_id, heir in heirs.items():
        if heir is None and customer_id not in known:
            yield Change("retired", {"customer_id": customer_id})


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
