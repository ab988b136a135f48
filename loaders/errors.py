"""The errors of loading that several modules raise."""

from graph.errors import ConfigurationError, RejectedError, SourceError
from graph.language import Text


class FileError(SourceError):
    """A source file is missing, damaged, or not what the manifest says it is."""

    text = Text("{file}: {problem}. {remedy}", "{file}：{problem}。{remedy}")


class ExpressionError(SourceError):
    """DuckDB refuses an expression of the manifest."""

    text = Text(
        "Source {source!r}, table {table!r}, {place}: DuckDB refuses {expression!r}: {problem}. "
        "The columns there are: {columns}.",
        "来源 {source!r}，表 {table!r}，{place}：DuckDB 拒绝 {expression!r}：{problem}。"
        "现有的列：{columns}。",
    )


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
