"""What the last resolution left: the ground on which ids stay as they are."""

from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

TIME: Final = pa.timestamp("ms", tz="UTC")

RESOLVED: Final = pa.schema(
    [
        ("account_id", pa.string()),
        ("customer_id", pa.string()),
        ("rule", pa.string()),
        ("confidence", pa.float64()),
        ("since", TIME),
        ("linked_to", pa.string()),
        ("by_field", pa.string()),
        ("run_id", pa.string()),
    ]
)
STATES: Final = pa.schema([("identifier_key", pa.string()), ("state", pa.string())])
CUSTOMERS: Final = pa.schema(
    [("customer_id", pa.string()), ("n_accounts", pa.int64()), ("customer_changed_at", TIME)]
)
ALIASES: Final = pa.schema([("customer_id", pa.string()), ("merged_into", pa.string())])


@dataclass(frozen=True)
class Chain:
    """The end of the chain of events: the number of the last one and its digest."""

    number: int = 0
    digest: str = ""


@dataclass(frozen=True)
class Ledger:
    """Customers, their accounts and the retired ids, before a run.

    ``resolved`` has one row an account (columns ``RESOLVED``), ``customers`` one a customer
    (``CUSTOMERS``; ``n_accounts`` as it was when accounts were last counted), ``aliases`` one
    a retired id (``ALIASES``; ``merged_into`` is null where nobody is left). ``announced``
    names the changes that a run which was cut off has already put into the chain, ``spoken``
    the stewards' decisions that stand in it. ``states`` has one row an identifier that was
    judged (``STATES``). ``used`` are ids of customers and aliases that are not here.
    """

    resolved: pa.Table = field(default_factory=RESOLVED.empty_table)
    customers: pa.Table = field(default_factory=CUSTOMERS.empty_table)
    aliases: pa.Table = field(default_factory=ALIASES.empty_table)
    chain: Chain = field(default_factory=Chain)
    announced: frozenset[str] = frozenset()
    spoken: frozenset[str] = frozenset()
    states: pa.Table = field(default_factory=STATES.empty_table)
    used: frozenset[str] = frozenset()

    def former(self) -> pa.Array:
        """Return the ids of all customers, ascending."""
        named = [rows["customer_id"].combine_chunks() for rows in (self.resolved, self.customers)]
        distinct = pc.unique(pa.concat_arrays(named))
        return distinct.take(pc.sort_indices(distinct))
