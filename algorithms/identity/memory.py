"""What the last run knew of resemblance, so that the next one need not weigh everybody anew.

Three files under ``models``: the comparable rows (personal, encrypted like the vault), the
pairs with their weights, and who was joined. They can be made again from vault and model at
any time; a run that does not find those of the run before it does so.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from algorithms.identity.union import connected
from graph.vault import VaultError, read_encrypted, write_encrypted

ROWS, PAIRS, JOINS = "rows", "pairs", "joins"
JOIN_COLUMNS: Final = pa.schema(
    [
        ("founder", pa.string()),
        ("label", pa.string()),
        ("probability", pa.float64()),
        ("linked_to", pa.string()),
        ("by_field", pa.string()),
    ]
)


@dataclass(frozen=True)
class Memory:
    """Rows, pairs and joins of all units of layer 1, each named by its smallest account.

    ``rows`` has ``founder`` and the columns of ``match_rows``; ``pairs`` has ``founder_l``,
    ``founder_r``, ``weight``, ``probability`` and ``w_<field>``; ``joins`` the columns
    ``JOIN_COLUMNS``: units that were joined to others, ``label`` being the smallest account
    of the customer.
    """

    rows: pa.Table
    pairs: pa.Table
    joins: pa.Table

    def resembling(self) -> Callable[[set[str]], set[str]]:
        """Return what gives, for accounts, the units that pairs connect with theirs."""
        founders = self.rows["founder"].combine_chunks()
        ends = (self.pairs[name].combine_chunks() for name in ("founder_l", "founder_r"))
        left, right = (pc.index_in(end, value_set=founders).to_numpy() for end in ends)
        component = connected(left, right, n=len(founders))
        has_pair = np.zeros(len(founders), dtype=np.bool_)
        has_pair[left] = has_pair[right] = True

        def connected_with(accounts: set[str]) -> set[str]:
            here = pc.is_in(founders, value_set=pa.array(sorted(accounts), pa.string()))
            found = np.isin(component, component[here.to_numpy(zero_copy_only=False) & has_pair])
            return set(founders.filter(pa.array(found & has_pair)).to_pylist())

        return connected_with


def remember(folder: Path, memory: Memory, *, run_id: str, key: bytes) -> None:
    """Keep what a run knew, in place of what earlier runs knew."""
    # one name for all runs: what a run leaves that is cut off here, the next one removes
    place, fresh = folder / "memory", folder / ".memory"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True, mode=0o700)
    for name in (ROWS, PAIRS, JOINS):
        write_encrypted(getattr(memory, name), fresh / f"{name}.parquet", key=key)
    (fresh / "run").write_text(run_id, encoding="utf-8")
    shutil.rmtree(place, ignore_errors=True)
    fresh.replace(place)


def recall(folder: Path, *, run_id: str, key: bytes) -> Memory | None:
    """Return what a run knew; nothing if that is not kept, or cannot be read."""
    place = folder / "memory"
    try:
        if (place / "run").read_bytes() != run_id.encode():
            return None
        return Memory(
            *(read_encrypted(place / f"{name}.parquet", key=key) for name in (ROWS, PAIRS, JOINS))
        )
    except (OSError, VaultError):
        return None
