"""One spelling for each identifier, what may be shown of it, and which values are nobody's.

Two systems meet on one ``Identifier`` only if both spell its value alike before it is
hashed, so every kind has one normal form. After the hash nothing can be recognised any more:
the mask, and whether a value stands for nobody (``13800138000``, ``test@``, ``null``), are
therefore worked out here, while the value is still in the clear. Both exist as a DuckDB
expression for whole columns and as a Python function for one value; tests hold them equal.
"""

import re
from collections.abc import Callable
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

LONGEST: Final = 256  # characters, as for every key
# +86, 0086, 86 and a trunk 0 are ways to dial a mainland mobile. phonenumbers reads all of
# these as the same eleven digits, but knows only ranges in use at its release: a new range
# would lose its customers, so the whole of 13-19 counts as mobile.
MOBILE: Final = r"^(?:(?:\+|00)?86)?0?(?P<national>1[3-9][0-9]{9})$"
EMAIL: Final = r"^[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+$"
NATIONAL_ID: Final = r"^[0-9A-Z][0-9A-Z()/-]{4,30}$"
MD5: Final = r"^[0-9a-f]{32}$"
# Cf: bidirectional marks and zero-width spaces that come along when a number is copied
PUNCTUATION: Final = r"[\s\p{Pd}\p{Cf}\x{2212}().·/]+"

# ---------------------------------------------------------------------- normal forms


def normalise(
    kind: str, values: pa.Array, *, region: str, scope: pa.Array | None = None
) -> pa.Array:
    """Return the normal form of each value of one kind.

    Parameters
    ----------
    kind
        One of ``IDENTIFIER_KINDS``.
    values
        Texts as the source has them, any length; null stays null.
    region
        Two-letter country of phone numbers that name none; its numbers become national
        digits, those of all other countries E.164.
    scope
        Within what the value is unique, row by row: the app of an open id, the source of a
        member or card number that is not first party; null where it needs none.

    Returns
    -------
    One text a value, ``scope|value`` where a scope is given; null where the value cannot be
    of its kind: no such phone number, no @, over 256 characters, control characters inside.

    Notes
    -----
    Each distinct value is worked out once. Mainland mobiles take one regular expression over
    the column; other phone numbers go one by one through ``phonenumbers`` (about 30,000/s).
    """
    distinct = _flat(values).dictionary_encode()
    forms = _only(_spelled(distinct.dictionary), f"(?s)^.{{1,{LONGEST}}}$")
    found = _form_of(kind, forms, region=region).take(distinct.indices)
    return found if scope is None else _scoped(found, _flat(scope))


def normalise_md5(values: pa.Array) -> pa.Array:
    """Return each MD5 in lower case; null where it is not 32 hex digits."""
    return _only(pc.ascii_lower(pc.ascii_trim_whitespace(_flat(values))), MD5)


def _flat(values: pa.Array) -> pa.Array:
    text = values.cast(pa.string())
    return text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text


def _spelled(values: pa.Array) -> pa.Array:
    """Fold full-width letters and digits into plain ones and trim."""
    return pc.utf8_trim_whitespace(pc.utf8_normalize(values, "NFKC"))


def _only(values: pa.Array, pattern: str) -> pa.Array:
    """Keep the values that match; the others become null."""
    return pc.if_else(pc.match_substring_regex(values, pattern), values, None)


def _without(values: pa.Array, pattern: str) -> pa.Array:
    return pc.replace_substring_regex(values, pattern, "")


def _scoped(values: pa.Array, scope: pa.Array) -> pa.Array:
    within = pc.binary_join_element_wise(_spelled(scope), values, "|")
    return pc.if_else(pc.is_null(scope), values, within)


def _form_of(kind: str, values: pa.Array, *, region: str) -> pa.Array:
    if kind == "phone":
        return _phones(values, region=region)
    return FORMS.get(kind, _plain)(values)


def _phones(values: pa.Array, *, region: str) -> pa.Array:
    # a spreadsheet that took the number for a number leaves ".0" behind
    digits = pc.replace_substring_regex(values, r"^([0-9]+)\.0$", r"\1")
    digits = _without(digits, PUNCTUATION)
    if region == "CN":
        mobile = pc.struct_field(pc.extract_regex(digits, MOBILE), "national")
    else:
        mobile = pa.nulls(len(digits), pa.string())
    return pc.coalesce(mobile, _parsed(pc.if_else(pc.is_null(mobile), digits, None), region=region))


def _parsed(values: pa.Array, *, region: str) -> pa.Array:
    """Read the numbers that are no mainland mobiles, one by one; null stays null."""
    found = [phone(text, region=region) if text else None for text in values.to_pylist()]
    return pa.array(found, pa.string())


def phone(text: str, *, region: str) -> str | None:
    """Read one phone number: national digits within ``region``, else E.164; None if it is none."""
    import phonenumbers

    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    national: str = phonenumbers.national_significant_number(number)
    is_mobile = number.country_code == 86 and re.fullmatch(r"1[3-9][0-9]{9}", national)
    if not (is_mobile or phonenumbers.is_valid_number(number)):
        return None
    is_home = number.country_code == phonenumbers.country_code_for_region(region)
    return national if is_home else f"+{number.country_code}{national}"


def _emails(values: pa.Array) -> pa.Array:
    # lower case can undo NFKC (a dotted capital I leaves its dot behind), so fold again
    return _only(pc.utf8_normalize(pc.utf8_lower(values), "NFKC"), EMAIL)


def _national_ids(values: pa.Array) -> pa.Array:
    return _only(pc.ascii_upper(_without(values, r"\s+")), NATIONAL_ID)


def _numbers(values: pa.Array) -> pa.Array:
    return _plain(_without(values, r"\s+"))


def _addresses(values: pa.Array) -> pa.Array:
    return _plain(pc.replace_substring_regex(values, r"\s+", " "))


def _plain(values: pa.Array) -> pa.Array:
    return _only(values, r"^\P{Cc}+$")


FORMS: Final[dict[str, Callable[[pa.Array], pa.Array]]] = {
    "email": _emails,
    "national_id": _national_ids,
    "member_no": _numbers,
    "card_no": _numbers,
    "address": _addresses,
}

# ---------------------------------------------------------------- values that are nobody's

# what forms, programs and clerks write where they have nothing to write
NULL_WORDS: Final = (
    *("null", "none", "nil", "nan", "na", "n/a", "undefined", "unknown", "-1", "true", "false"),
    *("anonymous", "guest", "test", "id", "email", "distinct_id", "distinctid"),
    *("not_authenticated", "[object object]", "9774d56d682e549c", "02:00:00:00:00:00"),
    *("无", "没有", "暂无", "未知", "不详", "空", "匿名", "游客", "测试", "保密", "未填写"),
)
TEST_MAILBOXES: Final = (
    *("test", "tester", "testing", "demo", "null", "none", "nil", "na", "nan", "undefined"),
    *("unknown", "anonymous", "guest", "email", "nomail", "no-mail", "noemail", "no-email"),
    *("no_email", "noreply", "no-reply", "no_reply", "xxx", "asdf", "无", "没有", "测试"),
)
TEST_DOMAINS: Final = (
    *("test.com", "qq.com", "163.com", "126.com", "gmail.com", "example.com", "null.com"),
)
# the operator's recharge lines, printed in every manual
TEST_PHONES: Final = ("13800138000", "13900139000")
ASCENDING: Final = "0123456789" * 4
DESCENDING: Final = ASCENDING[::-1]
SHORTEST_RUN: Final = 6  # a member may well be number 1111 or 1234
SHORTEST_MAILBOX_RUN: Final = 5
# 13800000000 and 13888888888 belong to somebody, but are typed by everybody
SAME_EIGHT: Final = "|".join(f"{digit}{{8}}" for digit in "0123456789")
NO_PHONE: Final = rf"(?:\+86)?(?:1[3-9][0-9](?:{SAME_EIGHT})|{'|'.join(TEST_PHONES)})|400[0-9]{{7}}"
NO_MAILBOX: Final = f"(?:{'|'.join(re.escape(word) for word in TEST_MAILBOXES)})[0-9]{{0,4}}"
NO_WORD: Final = f"['\" ]*(?:[0:._ -]*|{'|'.join(map(re.escape, NULL_WORDS))})['\" ]*"


def never_linking_values(kind: str) -> tuple[str, ...]:
    """Return the listed normal forms of ``kind`` that are nobody's, sorted.

    Patterns (one digit repeated, runs of digits) are not spelled out; ask
    ``is_never_linking`` about those.
    """
    if kind == "phone":
        starts = [f"1{second}{third}" for second in range(3, 10) for third in range(10)]
        repeated = [f"{start}{digit * 8}" for start in starts for digit in "0123456789"]
        return tuple(sorted({*repeated, *TEST_PHONES}))
    if kind == "email":
        return tuple(sorted(f"{box}@{at}" for box in TEST_MAILBOXES for at in TEST_DOMAINS))
    return tuple(sorted(NULL_WORDS))


def never_linking_md5(kind: str) -> tuple[str, ...]:
    """Return the MD5s of ``never_linking_values``: all that can be known of a partner's digests."""
    import hashlib

    return tuple(
        hashlib.md5(value.encode(), usedforsecurity=False).hexdigest()
        for value in never_linking_values(kind)
    )


def is_never_linking(kind: str, normal_form: str) -> bool:
    """Tell whether a value stands for nobody, so that sharing it says nothing."""
    value = normal_form.partition("|")[2] or normal_form
    if kind == "phone":
        digits = value.removeprefix("+")
        return bool(re.fullmatch(NO_PHONE, value)) or _is_run(digits, SHORTEST_RUN)
    if kind == "email":
        box = value.partition("@")[0]
        return bool(re.fullmatch(NO_MAILBOX, box)) or _is_run(box, SHORTEST_MAILBOX_RUN)
    # A: only plain letters have a case here, as in RE2 once NFKC has folded the others
    is_word = bool(re.fullmatch(NO_WORD, value, re.IGNORECASE | re.ASCII))
    return is_word or _is_run(value.replace("-", ""), SHORTEST_RUN)


def _is_run(text: str, shortest: int) -> bool:
    """Tell whether ``text`` is one character repeated, or digits that count up or down."""
    if len(text) < shortest:
        return False
    return text == text[0] * len(text) or text in ASCENDING or text in DESCENDING


def never_linking_sql(kind: str, column: str) -> str:
    """Return the DuckDB expression of ``is_never_linking`` over a column of normal forms.

    Parameters
    ----------
    kind
        One of ``IDENTIFIER_KINDS``.
    column
        Name or expression of the column; null gives null.
    """
    value = _unscoped_sql(column)
    if kind == "phone":
        digits = f"regexp_replace({value}, '^\\+', '')"
        return f"(regexp_full_match({value}, '{NO_PHONE}') OR {_run_sql(digits, SHORTEST_RUN)})"
    if kind == "email":
        box = f"split_part({value}, '@', 1)"
        run = _run_sql(box, SHORTEST_MAILBOX_RUN)
        return f"(regexp_full_match({box}, '{NO_MAILBOX}') OR {run})"
    word = NO_WORD.replace("'", "''")
    run = _run_sql(f"replace({value}, '-', '')", SHORTEST_RUN)
    return f"(regexp_full_match({value}, '{word}', 'i') OR {run})"


def _unscoped_sql(column: str) -> str:
    return f"coalesce(nullif(substr({column}, strpos({column}, '|') + 1), ''), {column})"


def _run_sql(text: str, shortest: int) -> str:
    same = f"{text} = repeat(substr({text}, 1, 1), length({text}))"
    counted = f"contains('{ASCENDING}', {text}) OR contains('{DESCENDING}', {text})"
    return f"(length({text}) >= {shortest} AND ({same} OR {counted}))"


# --------------------------------------------------------------------------------- masks

STARS: Final = "****"


def mask(kind: str, normal_form: str) -> str:
    """Return what may be shown of a value.

    A phone hides four digits (``138****5678``), an e-mail all of its name but the first
    letter (``a***@x.com``), an identity card all but the first three and last four, other
    numbers and tokens all but their ends, a street address everything.
    """
    if kind == "email":  # in which a | is no scope
        box, _, domain = normal_form.partition("@")
        return f"{box[:1]}***@{domain}"
    value = normal_form.partition("|")[2] or normal_form
    if kind == "address":
        return STARS
    head, tail = _ends(kind, len(value))
    return f"{value[:head]}{STARS}{value[len(value) - tail :]}"


def _ends(kind: str, length: int) -> tuple[int, int]:
    """Return how many characters at the start and the end may be shown."""
    for least, head, tail in SHOWN[kind if kind in SHOWN else ""]:
        if length >= least:
            return (length - 8 if head < 0 else head), tail
    return 0, 0


# kind -> (at least so long, so many first, so many last); -1: all but the last eight, so
# that the area code of a landline and the country of a foreign number stay readable
SHOWN: Final[dict[str, tuple[tuple[int, int, int], ...]]] = {
    "phone": ((9, -1, 4), (5, 0, 2)),
    "national_id": ((15, 3, 4), (8, 1, 2)),
    "": ((12, 2, 4), (8, 1, 2)),
}


def masked_sql(kind: str, column: str) -> str:
    """Return the DuckDB expression of ``mask`` over a column of normal forms; null gives null."""
    if kind == "email":
        return f"(substr({column}, 1, 1) || '***' || regexp_replace({column}, '^[^@]*', ''))"
    value = _unscoped_sql(column)
    if kind == "address":
        return f"(CASE WHEN {column} IS NOT NULL THEN '{STARS}' END)"
    cases = "".join(
        f" WHEN length({value}) >= {least} THEN {_ends_sql(value, head=head, tail=tail)}"
        for least, head, tail in SHOWN[kind if kind in SHOWN else ""]
    )
    return f"(CASE{cases} WHEN {value} IS NOT NULL THEN '{STARS}' END)"


def _ends_sql(value: str, *, head: int, tail: int) -> str:
    shown = f"length({value}) - 8" if head < 0 else str(head)
    return f"substr({value}, 1, {shown}) || '{STARS}' || right({value}, {tail})"
