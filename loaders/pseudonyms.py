"""Clear identifiers become keyed hashes here, a batch at a time, before anything is stored.

A clear value takes its normal form, then its MD5, then the keyed hash; a partner's MD5
enters at the second step. So one phone from our own till and its MD5 from a partner meet
on one node. The clear phone or e-mail goes to the vault; a mask is all that may be shown.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from graph.identifiers import (
    masked_sql,
    never_linking_md5,
    never_linking_sql,
    normalise,
    normalise_md5,
)
from graph.secret import IDENTIFIER_DIGITS, Secret, hmac_pads, hmac_sql
from graph.vault import MANY
from loaders.manifest import SourcePart

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

PADS = "identifier"
SCOPED_BY_SOURCE = frozenset({"member_no", "card_no"})


@dataclass(frozen=True, slots=True)
class Pseudonymiser:
    """Hashes the identifiers of one source."""

    connection: "duckdb.DuckDBPyConnection"
    source: SourcePart
    secret: Secret
    region: str

    def keyed(self, rows: "pa.Table") -> "pa.Table":
        """Return the rows with ``identifier_key``, ``masked`` and ``never_links``.

        Parameters
        ----------
        rows
            Accepted rows of ``identifiers`` with ``kind`` and ``value`` or ``value_md5``.

        Returns
        -------
        The same rows in the same order with ``normal`` (clear normal form, for the vault)
        in place of the value; ``identifier_key`` is null where the value is not of its kind.
        """
        kinds = sorted(rows.column("kind").unique().to_pylist())
        with_md5 = self._md5_rows(rows) if "value_md5" in rows.column_names else self._clear(rows)
        self.connection.register("normal_rows", with_md5)
        hashed = hmac_sql("kind || ':' || coalesce(md5_value, md5(normal))", pads=PADS)
        query = (
            f"SELECT * EXCLUDE (md5_value, nobody, row_number), "
            f"CASE WHEN coalesce(md5_value, normal) IS NOT NULL THEN "
            f"substr({hashed}, 1, {IDENTIFIER_DIGITS}) END AS identifier_key, "
            f"({_by_kind(kinds, masked_sql)})::VARCHAR AS masked, "
            f"coalesce(nobody, {_by_kind(kinds, never_linking_sql)}, false) AS never_links "
            "FROM normal_rows ORDER BY row_number"
        )
        pads = hmac_pads(self.secret.identifiers, pads=PADS)
        return self.connection.sql(query, params=pads).to_arrow_table()

    def _md5_rows(self, rows: "pa.Table") -> "pa.Table":
        import pyarrow as pa
        import pyarrow.compute as pc

        kinds = rows.column("kind").combine_chunks()
        digests = normalise_md5(rows.column("value_md5"))
        nobody = pa.nulls(rows.num_rows, pa.bool_())
        for kind in pc.unique(kinds).to_pylist():
            listed = pc.is_in(digests, value_set=_nobody_digests(kind))
            nobody = pc.if_else(pc.equal(kinds, kind), listed, nobody)
        clear = pa.nulls(rows.num_rows, pa.string())
        kept = rows.drop_columns("value_md5")
        return _numbered(kept, normal=clear, md5_value=digests, nobody=nobody)

    def _clear(self, rows: "pa.Table") -> "pa.Table":
        import pyarrow as pa
        import pyarrow.compute as pc

        kinds = rows.column("kind").combine_chunks()
        normal = pa.nulls(rows.num_rows, pa.string())
        for kind in pc.unique(kinds).to_pylist():
            of_kind = pc.equal(kinds, kind)
            values = pc.if_else(of_kind, rows.column("value"), None)
            forms = normalise(kind, values, region=self.region, scope=self._scope(rows, kind))
            normal = pc.if_else(of_kind, forms, normal)
        none = pa.nulls(rows.num_rows, pa.string())
        unknown = pa.nulls(rows.num_rows, pa.bool_())
        kept = rows.drop_columns("value")
        return _numbered(kept, normal=normal, md5_value=none, nobody=unknown)

    def _scope(self, rows: "pa.Table", kind: str) -> "pa.Array | None":
        """Return within what a value of this kind is unique."""
        import pyarrow as pa

        if kind == "open_id" and "app" in rows.column_names:
            return rows.column("app")
        if kind in SCOPED_BY_SOURCE and self.source.party != "first":
            return pa.array([self.source.name] * rows.num_rows, pa.string())
        return None


def clear_contacts(rows: "pa.Table") -> "pa.Table":
    """Return the vault rows of keyed identifiers: clear phones and e-mails by account."""
    import pyarrow.compute as pc

    contact = pc.is_in(rows.column("kind"), value_set=_array(MANY))
    kept = rows.filter(pc.and_(contact, pc.is_valid(rows.column("normal"))))
    return kept.select(["account_id", "kind", "normal"]).rename_columns(
        ["account_id", "field", "value"]
    )


def _numbered(rows: "pa.Table", **columns: "pa.Array") -> "pa.Table":
    """Append columns, and the number of each row."""
    import pyarrow as pa

    for name, values in columns.items():
        rows = rows.append_column(name, values)
    return rows.append_column("row_number", pa.array(range(rows.num_rows), pa.int64()))


def _by_kind(kinds: Sequence[str], expression: Callable[[str, str], str]) -> str:
    """Return one expression for the kinds that occur: all ten would be slow to parse."""
    cases = " ".join(f"WHEN '{kind}' THEN {expression(kind, 'normal')}" for kind in kinds)
    return f"CASE kind {cases} END" if kinds else "NULL"


@cache
def _nobody_digests(kind: str) -> "pa.Array":
    return _array(never_linking_md5(kind))


def _array(values: tuple[str, ...]) -> "pa.Array":
    import pyarrow as pa

    return pa.array(values, pa.string())
