"""The personal side of the record: what matching needs in the clear, encrypted at rest.

Names, birth dates, addresses, clear phones and e-mails never enter the graph or the
staging files. They lie here, account by account, in 256 Parquet files with modular
encryption (footer and columns under one key derived from the home's secret), so that one
account can be erased by rewriting one small file. Rows are long: account, source, field,
value; a new personal column needs no new schema.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from graph.engine import unspilling
from graph.errors import ConfigurationError
from graph.language import Text
from graph.secret import Secret
from graph.settings import Settings

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

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
            If the file cannot be decrypted.
        """
        path = self.folder / file_name(bucket)
        if not path.exists():
            return empty_rows()
        return read_encrypted(path, key=self.secret.vault)

    def accounts(self) -> Iterator["pa.Table"]:
        """Return all rows, a bucket at a time."""
        return (self.read(bucket) for bucket in range(BUCKETS))

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
        import pyarrow as pa

        files, connection = {}, unspilling()
        accounts: list[pa.ChunkedArray] = []
        fresh = merge(empty_rows(), added, connection=connection)
        for bucket, rows in enumerate(_by_bucket(fresh, connection)):
            old = self.read(bucket)
            if rows.num_rows == 0 and not _names_any(old, sources=without):
                continue
            merged = rows  # of a first load, all of them
            if old.num_rows:
                merged = merge(old, rows, without=without, connection=connection)
            if merged.equals(old):
                continue
            files[file_name(bucket)] = merged.num_rows > 0
            accounts.append(_changed(old, merged, connection=connection))
            if merged.num_rows:
                write_encrypted(merged, folder / file_name(bucket), key=self.secret.vault)
        chunks = [chunk for part in accounts for chunk in part.chunks]
        return Kept(files, pa.chunked_array(chunks, pa.string()))


def open_vault(settings: Settings, secret: Secret) -> Vault:
    """Return the vault of a home."""
    return Vault(settings.home / "vault", secret)


def file_name(bucket: int) -> str:
    """Return the name of a bucket's file."""
    return f"{bucket:02x}.parquet"


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
    import pyarrow as pa
    import pyarrow.parquet as pq
    from pyarrow.parquet import encryption

    properties = encryption.create_decryption_properties(footer_key=key)
    try:
        return pq.read_table(path, decryption_properties=properties)
    except (OSError, pa.ArrowInvalid):  # another key; or cut off, so that no footer is found
        raise VaultError(path=path) from None
