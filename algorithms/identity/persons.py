"""What an account says of its person: the birth date and the name that vetoes compare.

Spellings of one name meet on one key: traditional characters are simplified, Chinese names
are read out, and the letters are sorted, so that neither the order of given and family name
nor the gaps between syllables matter. A key is coarse on purpose: different keys are
different names, equal keys prove nothing.
"""

import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from algorithms.identity.links import Numbers

if TYPE_CHECKING:
    from collections.abc import Callable

UNKNOWN: Final = -1
BIRTH_DATE, NAME = "birth_date", "name"  # why two sides contradict each other
PERSONS: Final = pa.schema(
    [("account_id", pa.string()), ("birth_date", pa.string()), ("name", pa.string())]
)


@dataclass(frozen=True)
class Core:
    """The birth dates and names that one side of a join knows, as numbers."""

    births: set[int]
    names: set[int]


@dataclass(frozen=True)
class Cores:
    """Birth date and name of each account as numbers, ``UNKNOWN`` where it has none.

    ``dates`` are the dates that the numbers of ``birth`` stand for, as ISO text.
    """

    birth: Numbers
    name: Numbers
    dates: tuple[str, ...]

    def together(self, accounts: Numbers) -> "Core":
        """Return what some accounts say between them."""
        births, names = set(self.birth[accounts].tolist()), set(self.name[accounts].tolist())
        return Core(births - {UNKNOWN}, names - {UNKNOWN})

    def contradiction(self, one: "Core", other: "Core") -> str | None:
        """Return why two sides cannot be one person: ``birth_date``, ``name`` or nothing.

        Two known birth dates that differ contradict, unless the names agree and the dates
        are one slip apart. Two known names that differ contradict unless the dates agree.
        """
        if one.births and other.births:
            if one.births & other.births:
                return None
            is_slip = bool(one.names & other.names) and self._any_near(one, other)
            return None if is_slip else BIRTH_DATE
        differ = one.names and other.names and not one.names & other.names
        return NAME if differ else None

    def _any_near(self, one: "Core", other: "Core") -> bool:
        return any(are_near(self.dates[a], self.dates[b]) for a in one.births for b in other.births)


def cores_of(persons: pa.Table, accounts: pa.Array) -> Cores:
    """Put the persons' birth dates and names beside the accounts.

    Parameters
    ----------
    persons
        Columns ``PERSONS``: one row an account at most, in any order; ``name`` is a key made
        by ``name_keys``.
    accounts
        The account ids to align with.
    """
    at = pc.index_in(accounts, value_set=persons["account_id"].combine_chunks())
    birth = pc.dictionary_encode(persons["birth_date"].combine_chunks().take(at))
    name = pc.dictionary_encode(persons["name"].combine_chunks().take(at))
    return Cores(_codes(birth), _codes(name), tuple(birth.dictionary.to_pylist()))


def _codes(column: pa.DictionaryArray) -> Numbers:
    codes: Numbers = pc.fill_null(column.indices, UNKNOWN).to_numpy().astype(np.int64)
    return codes


def name_keys(names: pa.Array) -> pa.Array:
    """Return the key of each name; null where a name is null or has no letter.

    Parameters
    ----------
    names
        Names as text. Each distinct one is read once.
    """
    read = _reader()
    distinct = pc.dictionary_encode(names)
    keys = pa.array([_key(name, read) for name in distinct.dictionary.to_pylist()], pa.string())
    return keys.take(distinct.indices)


def _key(name: str, read: "Callable[[str], str]") -> str | None:
    letters = unicodedata.normalize("NFKD", read(unicodedata.normalize("NFKC", name)).casefold())
    return "".join(sorted(letter for letter in letters if letter.isalpha())) or None


@cache
def _reader() -> "Callable[[str], str]":
    """Return what writes Chinese characters as their sound and leaves the rest."""
    from opencc import OpenCC
    from pypinyin import lazy_pinyin

    simplified = OpenCC("t2s").convert
    return lambda name: name if name.isascii() else "".join(lazy_pinyin(simplified(name)))


@cache
def are_near(one: str, other: str) -> bool:
    """Tell whether two dates are one slip apart: a digit, two neighbours, or day and month.

    Parameters
    ----------
    one, other
        Dates as ISO text, ``1990-04-07``.
    """
    slips = [place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b]
    if len(one) != len(other) or len(slips) <= 1:
        return len(one) == len(other)
    first, last = slips[0], slips[-1]
    crossed = one[first] == other[last] and one[last] == other[first]
    return (len(slips) == 2 and crossed) or _day_and_month(one) == other


def _day_and_month(text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return ""
    return f"{day.year:04d}-{day.day:02d}-{day.month:02d}"
