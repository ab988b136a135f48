"""Clear identifiers become keyed hashes here, a batch at a time, before anything is stored.

A clear value takes its normal form, then its MD5, then the keyed hash; a partner's MD5
enters at the second step. So one phone from our own till and its MD5 from a partner meet
on one node. The clear phone or e-mail goes to the vault; a mask is all that may be shown.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graph.identifiers import (
    masked_sql,
    never_linking_md5,
    never_linking_sql,
    normalise,
    normalise_md5,
)
from graph.models import IDENTIFIER_KINDS
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
        with_md5 = self._md5_rows(rows) if "value_md5" in rows.column_names else self._clear(rows)
        self.connection.register("normal_rows", with_md5)
        hashed = hmac_sql("kind || ':' || coalesce(md5_value, md5(normal))", pads=PADS)
        query = (
            f"SELECT * EXCLUDE (md5_value, row_number), "
            f"CASE WHEN coalesce(md5_value, normal) IS NOT NULL THEN "
            f"substr({hashed}, 1, {IDENTIFIER_DIGITS}) END AS identifier_key, "
            f"{_masked()} AS masked, {_never_links()} AS never_links "
            "FROM normal_rows ORDER BY row_number"
        )
        pads = hmac_pads(self.secret.identifiers, pads=PADS)
        return self.connection.sql(query, params=pads).to_arrow_table()

    def _md5_rows(self, rows: "pa.Table") -> "pa.Table":
        import pyarrow as pa

        digests = normalise_md5(rows.column("value_md5"))
        clear = pa.nulls(rows.num_rows, pa.string())
        return _numbered(rows.drop_columns("value_md5"), normal=clear, md5_value=digests)

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
        return _numbered(rows.drop_columns("value"), normal=normal, md5_value=none)

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


def _numbered(rows: "pa.Table", *, normal: "pa.Array", md5_value: "pa.Array") -> "pa.Table":
    import pyarrow as pa

    numbers = pa.array(range(rows.num_rows), pa.int64())
    return (
        rows.append_column("normal", normal)
        .append_column("md5_value", md5_value)
        .append_column("row_number", numbers)
    )


def _masked() -> str:
    cases = " ".join(
        f"WHEN '{kind}' THEN {masked_sql(kind, 'normal')}" for kind in IDENTIFIER_KINDS
    )
    return f"CASE kind {cases} END"


def _never_links() -> str:
    """Return the SQL of whether the value stands for nobody, clear or as a known MD5."""
    cases = []
    for kind in IDENTIFIER_KINDS:
        digests = ", ".join(f"'{digest}'" for digest in never_linking_md5(kind))
        nobody = f"coalesce(md5_value IN ({digests}), {never_linking_sql(kind, 'normal')})"
        cases.append(f"WHEN '{kind}' THEN {nobody}")
    return f"coalesce(CASE kind {' '.join(cases)} END, false)"


def _array(values: tuple[str, ...]) -> "pa.Array":
    import pyarrow as pa

    return pa.array(values, pa.string())
