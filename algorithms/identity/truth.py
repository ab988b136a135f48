"""Reads who is really whom: a file of accounts and persons, checked before it grades anybody.

The truth names accounts as their sources do. Where a source's keys are personal the graph
holds keyed hashes in their place, so an account that the graph does not know by its own key
is looked for under the hash of it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from graph.errors import ConfigurationError, some
from graph.language import Text
from graph.secret import ACCOUNT_DIGITS, Secret, hmac_pads, hmac_sql
from graph.settings import Settings

# a column goes by either name: the demo's own truth says person_id
COLUMNS: Final = {
    "account_id": ("account_id",),
    "person": ("person", "person_id"),
    "household": ("household", "household_id"),
    "oracle": ("oracle", "oracle_id"),
}
REQUIRED: Final = ("account_id", "person")
PARQUET, GZIP = b"PAR1", b"\x1f\x8b"
# what a number to call, an address to write to, or the MD5 of one looks like
PERSONAL: Final = re.compile(r"\+?[0-9][0-9 -]{8,}|.*@.*|[0-9A-Fa-f]{32}")
DEMO_TRUTH: Final = "demo/*/truth/accounts.parquet"

NOT_READ = Text("it cannot be read", "无法读取")
NO_FILE = Text("there is no such file", "文件不存在")
NO_ROW = Text("it holds no account with a person", "没有任何带自然人编号的账户")


class TruthFileError(ConfigurationError):
    """A truth file cannot be read, or holds nothing."""

    text = Text(
        "Truth file {path}: {problem}. Give a CSV file in UTF-8 (also .gz) or a Parquet file "
        "with the columns account_id,person.",
        "真值文件 {path}：{problem}。请提供含 account_id,person 两列的 UTF-8 CSV（可为 .gz）"
        "或 Parquet 文件。",
    )


class TruthColumnError(ConfigurationError):
    """A truth file lacks a column."""

    text = Text(
        "Truth file {path} has no column {column}; it has: {known}. Its first line must name "
        "account_id,person, and may name household,oracle.",
        "真值文件 {path} 缺少列 {column}；现有列：{known}。"
        "首行须为 account_id,person，可另有 household,oracle。",
    )


class ContradictoryTruthError(ConfigurationError):
    """A truth file says of an account that it is two persons, households or components."""

    text = Text(
        "Truth file {path} gives more than one {column} to {n} accounts (first: {accounts}). "
        "Keep one row for each account.",
        "真值文件 {path} 中有 {n} 个账户对应多个 {column}（前几个：{accounts}）。"
        "每个账户请只保留一行。",
    )


class NoTruthError(ConfigurationError):
    """No truth file was given, and the home does not hold exactly one."""

    text = Text(
        "Say what to compare with: --truth FILE, a CSV or Parquet file with the columns "
        "account_id,person. Without it the truth of this home's demo company is taken, and "
        "{folder} holds {n} of them.",
        "请用 --truth FILE 指定真值：含 account_id,person 两列的 CSV 或 Parquet 文件。"
        "未指定时采用此主目录中演示公司的真值，而 {folder} 中有 {n} 份。",
    )


@dataclass(frozen=True)
class Truth:
    """Who the accounts are.

    ``rows`` has ``account_id`` and ``person``, and ``household`` and ``oracle`` where the
    file does: texts, one row an account; the last two may be null. ``n_incomplete`` rows
    lacked the account or the person and were left out.
    """

    path: Path
    rows: pa.Table
    n_incomplete: int = 0


def demo_truth(settings: Settings) -> Path:
    """Return the truth of the one demo company of a home.

    Raises
    ------
    NoTruthError
        If there is none, or more than one.
    """
    found = sorted(settings.home.glob(DEMO_TRUTH))
    if len(found) != 1:
        raise NoTruthError(folder=settings.home / "demo", n=len(found))
    return found[0]


def read_truth(path: Path) -> Truth:
    """Read a truth file.

    Parameters
    ----------
    path
        CSV in UTF-8 with a line of names, packed with gzip or not, or Parquet; which of
        them, its first bytes tell. ``account_id`` is source and key, ``crm:42``.

    Raises
    ------
    TruthFileError
        If it is missing, damaged, of another form, or no row has account and person.
    TruthColumnError
        If ``account_id`` or ``person`` is missing.
    ContradictoryTruthError
        If an account has two persons, households or components of the oracle.
    """
    rows = _named(_columns_of(path), path)
    is_whole = pc.and_(pc.is_valid(rows["account_id"]), pc.is_valid(rows["person"]))
    whole = rows.filter(is_whole)
    if not len(whole):
        raise TruthFileError(path=path, problem=NO_ROW)
    return Truth(path, _distinct(whole, path), len(rows) - len(whole))


def with_pseudonyms(truth: Truth, known: pa.Array, *, secret: Secret) -> Truth:
    """Return the truth with the graph's ids for the accounts that have personal keys.

    Parameters
    ----------
    truth
        As it was read.
    known
        The accounts that there are.
    secret
        Of the home that holds them.

    Raises
    ------
    ContradictoryTruthError
        If the truth names an account both ways, with two persons.
    """
    ids = truth.rows["account_id"].combine_chunks()
    is_unknown = pc.invert(pc.is_in(ids, value_set=known))
    asked = ids.filter(is_unknown)
    hashed = _pseudonyms(asked, secret)
    is_hashed = pc.is_in(hashed, value_set=known)
    if not pc.any(is_hashed).as_py():
        return truth
    found = pc.if_else(is_hashed, hashed, asked)
    renamed = truth.rows.set_column(0, "account_id", pc.replace_with_mask(ids, is_unknown, found))
    return replace(truth, rows=_distinct(renamed, truth.path))


def named(account_ids: Iterable[str]) -> str:
    """Name up to five accounts; a key that looks like a phone or an e-mail is hidden."""
    return some([_shown(account_id) for account_id in account_ids])


def _shown(account_id: str) -> str:
    source, _, key = account_id.partition(":")
    return f"{source}:<hidden>" if PERSONAL.fullmatch(key) else account_id


def _columns_of(path: Path) -> pa.Table:
    """Read a file of either form."""
    try:
        with path.open("rb") as file:
            head = file.read(len(PARQUET))
        return _parquet(path) if head == PARQUET else _csv(path, packed=head[:2] == GZIP)
    except FileNotFoundError:
        raise TruthFileError(path=path, problem=NO_FILE) from None
    except (OSError, EOFError, pa.ArrowException):
        # what Arrow says of a bad line repeats the line
        raise TruthFileError(path=path, problem=NOT_READ) from None


def _csv(path: Path, *, packed: bool) -> pa.Table:
    from pyarrow import csv

    names = [name for spellings in COLUMNS.values() for name in spellings]
    # numbers are texts here: 007 and 7 are two accounts
    convert = csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[""]
    )
    with pa.input_stream(str(path), compression="gzip" if packed else None) as stream:
        return csv.read_csv(stream, convert_options=convert)


def _parquet(path: Path) -> pa.Table:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        names = {name for spellings in COLUMNS.values() for name in spellings}
        held = file.schema_arrow.names
        # a file without any of them shows what it has instead
        return file.read(columns=[name for name in held if name in names] or held)


def _named(rows: pa.Table, path: Path) -> pa.Table:
    """Return the columns that matter as texts without blanks around them, under our names."""
    found = {
        name: spelling
        for name, spellings in COLUMNS.items()
        if (spelling := next((s for s in spellings if s in rows.column_names), None))
    }
    for name in REQUIRED:
        if name not in found:
            raise TruthColumnError(path=path, column=name, known=some(rows.column_names))
    try:
        return pa.table({name: _texts(rows[spelling]) for name, spelling in found.items()})
    except (pa.ArrowException, KeyError):  # no text can be made of it, or two have its name
        raise TruthFileError(path=path, problem=NOT_READ) from None


def _texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    texts = pc.utf8_trim_whitespace(column.cast(pa.string()))
    return pc.if_else(pc.equal(texts, ""), None, texts)


def _distinct(rows: pa.Table, path: Path) -> pa.Table:
    """Return one row an account."""
    if pc.count_distinct(rows["account_id"]).as_py() == len(rows):
        return rows
    others = rows.column_names[1:]
    names = [f"{name}_{end}" for name in others for end in ("min", "max")]
    found = rows.group_by("account_id").aggregate(
        [(name, end) for name in others for end in ("min", "max")]
    )
    found = found.select(["account_id", *names]).sort_by("account_id")
    for name in others:
        differs = pc.not_equal(found[f"{name}_min"], found[f"{name}_max"])
        accounts = found["account_id"].filter(differs).to_pylist()
        if accounts:
            raise ContradictoryTruthError(
                path=path, column=name, n=len(accounts), accounts=named(accounts)
            )
    columns = ["account_id", *(f"{name}_min" for name in others)]
    return found.select(columns).rename_columns(rows.column_names)


def _pseudonyms(account_ids: pa.Array, secret: Secret) -> pa.Array:
    """Return the ids that the accounts would have if their keys were personal."""
    from graph.engine import unspilling

    hashed = hmac_sql("'account:' || account_id", pads="account")
    query = (
        f"SELECT split_part(account_id, ':', 1) || ':' || substr({hashed}, 1, {ACCOUNT_DIGITS}) "
        "AS id FROM asked ORDER BY place"
    )
    places = pa.array(range(len(account_ids)), pa.int64())
    with unspilling() as connection:
        connection.register("asked", pa.table({"account_id": account_ids, "place": places}))
        found = connection.sql(query, params=hmac_pads(secret.accounts, pads="account"))
        return found.to_arrow_table()["id"].combine_chunks()
