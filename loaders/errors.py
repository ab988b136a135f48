"""The errors of loading that several modules raise."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from graph.errors import ConfigurationError, KithError, RejectedError, SourceError
from graph.language import Text
from graph.settings import Settings


class FileError(SourceError):
    """A source file is missing, damaged, or not what the manifest says it is."""

    text = Text("{file}: {problem}. {remedy}.", "{file}：{problem}。{remedy}。")


class ExpressionError(SourceError):
    """DuckDB refuses an expression of the manifest."""

    text = Text(
        "Source {source!r}, table {table!r}, {place}: DuckDB refuses {expression!r}: {problem}. "
        "Columns at hand: {columns}. Put a name that is a word of SQL, or has blanks or signs, "
        "in double quotes.",
        "来源 {source!r}，表 {table!r}，{place}：DuckDB 拒绝 {expression!r}：{problem}。"
        "现有的列：{columns}。列名若为 SQL 关键字或含空格、符号，请加双引号。",
    )


class QueryFailedError(SourceError):
    """The rows of a mapped table cannot be read to their end."""

    text = Text(
        "Source {source!r}, table {table!r}: from or where fails on a value ({kind}). Write "
        "TRY(...) or TRY_CAST(...) around what may fail; nothing was written.",
        "来源 {source!r}，表 {table!r}：from 或 where 在某个值上出错（{kind}）。"
        "请用 TRY(...) 或 TRY_CAST(...) 包住可能出错的部分；未写入任何内容。",
    )


class MemoryShortError(ConfigurationError):
    """Staging needs more memory than it may use."""

    text = Text(
        "Staging needs more memory than the {limit} of the setting memory. Set KITH_MEMORY "
        "higher, or load fewer files at once; nothing was written.",
        "暂存所需内存超过设置 memory 的 {limit}。请调高 KITH_MEMORY，或分批装载；未写入任何内容。",
    )


class StagingFullError(KithError):
    """The disk of the home has no room for what a load prepares."""

    http_status = 507
    text = Text(
        "There is no room left on the disk of {home}. Free some, or set KITH_HOME to a larger "
        "disk, and load again: nothing that was there is lost.",
        "{home} 所在磁盘空间不足。请腾出空间，或将 KITH_HOME 设到更大的磁盘后重新装载；"
        "已有数据没有丢失。",
    )


def is_disk_full(error: BaseException) -> bool:
    """Tell whether an error of the system, DuckDB or Arrow means that the disk is full."""
    told = "No space left on device" in str(error) or "max_temp_directory_size" in str(error)
    return told or getattr(error, "errno", None) == errno.ENOSPC


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether an error of DuckDB or Arrow means that memory does not suffice."""
    return str(error).startswith("Out of Memory Error")


@contextmanager
def room_watched(settings: Settings) -> Iterator[None]:
    """Say in our own words when disk or memory does not suffice.

    Raises
    ------
    StagingFullError, MemoryShortError
        In place of whatever error said so.
    """
    import duckdb

    try:
        yield
    except (OSError, duckdb.Error) as error:
        if is_disk_full(error):
            raise StagingFullError(home=settings.home) from error
        if is_out_of_memory(error):
            raise MemoryShortError(limit=settings.memory) from error
        raise


class PersonalKeyError(ConfigurationError):
    """The account keys of a source look like personal values."""

    text = Text(
        "Source {source!r}: {share:.0%} of the account keys of {table!r} look like phones, "
        "e-mails or 32 hex digits. Write personal_key = true, so that keyed hashes stand for "
        'them, or personal_key = "clear" if they only look so.',
        "来源 {source!r}：表 {table!r} 中 {share:.0%} 的账户编号像电话、邮箱或 32 位十六进制数。"
        '请写 personal_key = true 以散列替换；若只是形似，写 personal_key = "clear"。',
    )


class CurrencyError(SourceError):
    """Orders are in another currency than the company's."""

    text = Text(
        "Source {source!r}: orders are in {found}, the company's currency is {known}. Convert "
        "the amounts in the manifest, or leave the currency out.",
        "来源 {source!r}：订单币种为 {found}，公司币种为 {known}。请在清单中换算，或不填币种。",
    )


class NothingKeptError(RejectedError):
    """A table kept no row, or rows were rejected and the caller asked for none."""

    text = Text(
        "{problem}: {tables}. See the files in {folder}.",
        "{problem}：{tables}。详见 {folder} 中的文件。",
    )


class UnknownSourceError(ConfigurationError):
    """There is no source of this name in the home."""

    exit_code = 4
    http_status = 404
    text = Text(
        "There is no source {source!r}. Loaded sources: {known}.",
        "没有来源 {source!r}。已装载的来源：{known}。",
    )


class TooMuchDeletedError(ConfigurationError):
    """A load would delete a large share of a label."""

    text = Text(
        "This would delete {counts}. Add --yes if that is meant.",
        "这将删除 {counts}。如确认无误，请加 --yes。",
    )
