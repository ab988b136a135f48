"""The personal side of the record: what matching needs in the clear, encrypted at rest.

Names, birth dates, addresses, clear phones and e-mails never enter the graph or the
staging files. They lie here, account by account, in 256 Parquet files with modular
encryption (footer and columns under one key derived from the home's secret), so that one
account can be erased by rewriting small files alone. Rows are long: account, source, field,
value; a new personal column needs no new schema. What a small load adds to a large vault lies
in a file above them: all rows of every account that it names, which hold instead of those
below.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from graph.engine import unspilling
from graph.errors import ConfigurationError
from graph.language import Text
from graph.layers import is_light
from graph.secret import Secret
from graph.settings import Settings

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa
    from pyarrow.parquet.encryption import FileDecryptionProperties

COLUMNS = ("account_id", "source", "field", "value")
MANY = ("phone", "email")  # an account has several; of every other field it has one
BUCKETS = 256


class VaultError(ConfigurationError):
    """The vault cannot be read with the home's secret."""

    text = Text(
        "The vault file {path} cannot be read with the secret of this home: the secret is "
        "another one, or the file is damaged. Restore both from the same backup; nothing "
        "was overwritten.",
        "保险库文件 {path} 无法用此主目录的密钥读取：密钥不符或文件已损坏。"
        "请从同一备份恢复两者；未覆盖任何内容。",
    )


@dataclass(frozen=True, slots=True)
class Kept:
    """What a load changes in the vault.

    ``files`` tells of each changed file whether it holds rows; one without is to be deleted.
    ``accounts`` are those of whom another thing is known than before, each once.
    """

    files: dict[str, bool]
    accounts: "pa.ChunkedArray"


@dataclass(frozen=True, slots=True)
class Vault:
    """The vault of a home."""

    folder: Path
    secret: Secret

    def read(self, bucket: int) -> "pa.Table":
        """Return the rows of one bucket, sorted; no rows where there is no file.

        Raises
        ------
        VaultError
            If a file cannot be decrypted.
        """
        return self._rows(bucket, self._laid())

    def accounts(self) -> Iterator["pa.Table"]:
        """Return all rows, a bucket at a time; raises as `read`."""
        laid = self._laid()
        return (self._rows(bucket, laid) for bucket in range(BUCKETS))

    def prepare(self, added: "pa.Table", *, folder: Path, without: Sequence[str] = ()) -> Kept:
        """Write changed buckets into ``folder``, to be moved into place by a commit.

        Parameters
        ----------
        added
            New rows with the columns ``COLUMNS``. For an account and field they replace
            what was known; of phones and e-mails they add to it.
        folder
            Where the new files are prepared.
        without
            Sources whose old rows are dropped first.
        """
        if not without and self._bears(added.num_rows):
            return self._layer(added, folder=folder)
        kept = self._whole(added, folder=folder, without=without)
        if not len(kept.accounts):
            # the layers hold what they held: to write them into the buckets is no change
            return Kept({}, kept.accounts)
        gone = dict.fromkeys((path.name for path in self._layers()), False)
        return Kept(kept.files | gone, kept.accounts)

    def _whole(self, added: "pa.Table", *, folder: Path, without: Sequence[str]) -> Kept:
        """Write the buckets in which anything changes, or lies above, with all of their rows."""
        files, connection, laid = {}, unspilling(), self._laid()
        accounts: list[pa.ChunkedArray] = []
        fresh = merge(empty_rows(), added, connection=connection)
        for bucket, rows in enumerate(_by_bucket(fresh, connection)):
            old = self._rows(bucket, laid)
            is_laid = bool(laid and laid[bucket].num_rows)
            if not is_laid and rows.num_rows == 0 and not _names_any(old, sources=without):
                continue
            merged = rows  # of a first load, all of them
            if old.num_rows:
                merged = merge(old, rows, without=without, connection=connection)
            if not is_laid and merged.equals(old):
                continue
            if merged.num_rows or (self.folder / file_name(bucket)).exists():
                files[file_name(bucket)] = merged.num_rows > 0
            accounts.append(_changed(old, merged, connection=connection))
            if merged.num_rows:
                write_encrypted(merged, folder / file_name(bucket), key=self.secret.vault)
        return Kept(files, _joined(accounts))

    def _layer(self, added: "pa.Table", *, folder: Path) -> Kept:
        """Write all rows of the accounts of whom something new is known, above the others."""
        import pyarrow as pa
        import pyarrow.compute as pc

        connection, laid = unspilling(), self._laid()
        fresh = merge(empty_rows(), added, connection=connection)
        changed: list[pa.Table] = []
        for bucket, rows in enumerate(_by_bucket(fresh, connection)):
            if rows.num_rows:
                named = pc.unique(rows["account_id"])
                old = _of(self._rows(bucket, laid), named)
                merged = merge(old, rows, connection=connection)
                changed.append(_of(merged, _changed(old, merged, connection=connection)))
        above = pa.concat_tables(changed) if changed else empty_rows()
        if above.num_rows == 0:
            return Kept({}, pa.chunked_array([], pa.string()))
        name = layer_name(len(self._layers()) + 1)
        write_encrypted(above, folder / name, key=self.secret.vault)
        return Kept({name: True}, pa.chunked_array([pc.unique(above["account_id"])]))

    def _bears(self, rows: int) -> bool:
        """Tell whether so many rows are better laid above the others."""
        key = self.secret.vault
        grounds = [self.folder / file_name(bucket) for bucket in range(BUCKETS)]
        held = sum(count_encrypted(path, key=key) for path in grounds if path.exists())
        above = [count_encrypted(path, key=key) for path in self._layers()]
        return is_light(rows, ground=held, above=above)

    def _layers(self) -> list[Path]:
        return sorted(self.folder.glob(layer_name(None)))

    def _laid(self) -> "list[pa.Table]":
        """Return by bucket the rows above; of an account those of the newest layer."""
        import pyarrow as pa
        import pyarrow.compute as pc

        laid: list[pa.Table] = []
        known = pa.array([], pa.string())
        for path in reversed(self._layers()):
            rows = read_encrypted(path, key=self.secret.vault)
            older = rows.filter(pc.invert(pc.is_in(rows["account_id"], value_set=known)))
            known = pa.concat_arrays([known, pc.unique(older["account_id"].combine_chunks())])
            laid.append(older)
        return list(_by_bucket(pa.concat_tables(laid), unspilling())) if laid else []

    def _rows(self, bucket: int, laid: "Sequence[pa.Table]") -> "pa.Table":
        import pyarrow as pa
        import pyarrow.compute as pc

        path = self.folder / file_name(bucket)
        ground = read_encrypted(path, key=self.secret.vault) if path.exists() else empty_rows()
        if not laid or not laid[bucket].num_rows:
            return ground
        above = laid[bucket]
        covered = pc.is_in(ground["account_id"], value_set=pc.unique(above["account_id"]))
        rows = pa.concat_tables([ground.filter(pc.invert(covered)), above])
        return rows.sort_by([(name, "ascending") for name in COLUMNS])


def open_vault(settings: Settings, secret: Secret) -> Vault:
    """Return the vault of a home."""
    return Vault(settings.home / "vault", secret)


def file_name(bucket: int) -> str:
    """Return the name of a bucket's file."""
    return f"{bucket:02x}.parquet"


def layer_name(number: int | None) -> str:
    """Return the name of the file of a layer, or with ``None`` the pattern of them all."""
    return "above.*.parquet" if number is None else f"above.{number:04}.parquet"


def empty_rows() -> "pa.Table":
    """Return a table of vault rows without rows."""
    import pyarrow as pa

    return pa.table({name: pa.array([], pa.string()) for name in COLUMNS})


def merge(
    old: "pa.Table",
    new: "pa.Table",
    *,
    without: Sequence[str] = (),
    connection: "duckdb.DuckDBPyConnection | None" = None,
) -> "pa.Table":
    """Return the rows that hold after ``new`` became known, sorted and distinct.

    Of a field that an account has once, the newer load wins; within one load the first in
    the order of values. ``connection`` saves opening one where many buckets are merged.
    """
    cursor = connection or unspilling()
    cursor.register("old_rows", old)
    cursor.register("new_rows", new)
    return cursor.sql(MERGE, params={"gone": list(without), "many": list(MANY)}).to_arrow_table()


MERGE = """
WITH kept AS (SELECT *, 1 AS age FROM old_rows WHERE NOT list_contains($gone, source)),
every AS (SELECT *, 0 AS age FROM new_rows UNION ALL SELECT * FROM kept),
single AS (
    SELECT account_id, source, field, arg_min(value, struct_pack(a := age, v := value)) AS value
    FROM every WHERE NOT list_contains($many, field) GROUP BY account_id, source, field
),
several AS (
    SELECT DISTINCT account_id, source, field, value FROM every WHERE list_contains($many, field)
)
SELECT * FROM single UNION ALL SELECT * FROM several ORDER BY ALL
"""


CHANGED = """
SELECT DISTINCT account_id FROM (
    (SELECT * FROM old_rows EXCEPT SELECT * FROM new_rows)
    UNION ALL (SELECT * FROM new_rows EXCEPT SELECT * FROM old_rows)
)
ORDER BY account_id
"""


def _changed(
    old: "pa.Table", new: "pa.Table", *, connection: "duckdb.DuckDBPyConnection"
) -> "pa.ChunkedArray":
    """Return the accounts whose rows are not the same in both."""
    connection.register("old_rows", old)
    connection.register("new_rows", new)
    return connection.sql(CHANGED).to_arrow_table()["account_id"]


def _of(rows: "pa.Table", accounts: "pa.ChunkedArray") -> "pa.Table":
    import pyarrow.compute as pc

    return rows.filter(pc.is_in(rows["account_id"], value_set=accounts))


def _joined(parts: "Sequence[pa.ChunkedArray]") -> "pa.ChunkedArray":
    import pyarrow as pa

    return pa.chunked_array([chunk for part in parts for chunk in part.chunks], pa.string())


def _by_bucket(rows: "pa.Table", connection: "duckdb.DuckDBPyConnection") -> Iterator["pa.Table"]:
    """Split rows by the first byte of the MD5 of their account."""
    connection.register("added_rows", rows)
    query = "SELECT substr(md5(account_id), 1, 2) AS bucket, * FROM added_rows ORDER BY ALL"
    ordered = connection.sql(query).to_arrow_table()
    counted = connection.sql(f"SELECT bucket, count(*) FROM ({query}) GROUP BY 1").fetchall()
    counts, start = dict(counted), 0
    for bucket in range(BUCKETS):
        length = counts.get(f"{bucket:02x}", 0)
        yield ordered.slice(start, length).select(COLUMNS)
        start += length


def _names_any(rows: "pa.Table", *, sources: Sequence[str]) -> bool:
    return bool(set(rows.column("source").unique().to_pylist()) & set(sources))


def write_encrypted(rows: "pa.Table", path: Path, *, key: bytes) -> None:
    """Write rows to a file that is its owner's alone, footer and columns under ``key``."""
    import pyarrow.parquet as pq
    from pyarrow.parquet import encryption

    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    properties = encryption.create_encryption_properties(footer_key=key)
    pq.write_table(rows, path, encryption_properties=properties)
    path.chmod(0o600)


def read_encrypted(path: Path, *, key: bytes) -> "pa.Table":
    """Return the rows of such a file; raises `VaultError` if ``key`` does not open it."""
    import pyarrow.parquet as pq

    with _opened(path, key) as properties:
        return pq.read_table(path, decryption_properties=properties)


def count_encrypted(path: Path, *, key: bytes) -> int:
    """Return the number of rows of such a file; raises as `read_encrypted`."""
    import pyarrow.parquet as pq

    with _opened(path, key) as properties:
        return int(pq.read_metadata(path, decryption_properties=properties).num_rows)


@contextmanager
def _opened(path: Path, key: bytes) -> "Iterator[FileDecryptionProperties]":
    import pyarrow as pa
    from pyarrow.parquet import encryption

    try:
        yield encryption.create_decryption_properties(footer_key=key)
    except (OSError, pa.ArrowInvalid):  # another key; or cut off, so that no footer is found
        raise VaultError(path=path) from None
