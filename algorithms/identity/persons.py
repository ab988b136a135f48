"""What an account says of its person: the birth date and the name that vetoes compare.

A veto must not part what is one, so names count as different only where no slip explains
it: they are read out, and then order, gaps, a missing word and a wrong letter are forgiven.
Among few who share a phone that is safe; to find namesakes in a crowd it would not be.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from algorithms.identity.linkage import spelling
from algorithms.identity.links import Numbers

UNKNOWN: Final = -1
LIKE_NAME, LIKE_GIVEN = 0.85, 0.8  # shares of equal letters, from which names are alike
NEW_YEAR: Final = "-01-01"
LONG: Final = 4  # letters: shorter words are alike too easily
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

    ``dates`` and ``names`` are what the numbers stand for: ISO text, and ``name_keys``.
    """

    birth: Numbers
    name: Numbers
    dates: tuple[str, ...]
    names: tuple[str, ...]

    def together(self, accounts: Numbers) -> "Core":
        """Return what some accounts say between them."""
        births, names = set(self.birth[accounts].tolist()), set(self.name[accounts].tolist())
        return Core(births - {UNKNOWN}, names - {UNKNOWN})

    def contradiction(self, one: "Core", other: "Core") -> str | None:
        """Return why two sides cannot be one person: ``birth_date``, ``name`` or nothing.

        Two known birth dates that differ contradict, unless one slip explains it, or the
        names are the same and the dates have a part in common. Two known names that are not
        alike contradict, unless the dates agree.
        """
        if one.births & other.births:
            return None
        if one.births and other.births:
            is_same_name = bool(one.names & other.names)
            if not self._any_near(one, other, is_same_name=is_same_name):
                return BIRTH_DATE
        differ = one.names and other.names and not self._any_alike(one, other)
        return NAME if differ else None

    def _any_near(self, one: "Core", other: "Core", *, is_same_name: bool) -> bool:
        test = have_in_common if is_same_name else are_near
        return any(test(self.dates[a], self.dates[b]) for a in one.births for b in other.births)

    def _any_alike(self, one: "Core", other: "Core") -> bool:
        return bool(one.names & other.names) or any(
            are_alike(self.names[a], self.names[b]) for a in one.names for b in other.names
        )


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
    words = (tuple(column.dictionary.to_pylist()) for column in (birth, name))
    return Cores(_codes(birth), _codes(name), *words)


def _codes(column: pa.DictionaryArray) -> Numbers:
    codes: Numbers = pc.fill_null(column.indices, UNKNOWN).to_numpy().astype(np.int64)
    return codes


def name_keys(names: pa.Array) -> pa.Array:
    """Return each name as it is spoken; null where a name is null or has no letter.

    Parameters
    ----------
    names
        Whole names as text. Each distinct one is read once.

    Returns
    -------
    Words in lower case, parted by blanks: of a Chinese name its syllables, the family name
    first, of others the words in their order, titles left out.
    """
    distinct = pc.dictionary_encode(names)
    return pa.array(_spoken(distinct.dictionary.to_pylist()), pa.string()).take(distinct.indices)


def _spoken(names: list[str]) -> list[str | None]:
    parts = spelling.divided(names)
    words = spelling.name_words(names)
    family = spelling.romanised([family or "" for _, family in parts], surname=True)
    signs = sorted({sign for given, _ in parts for sign in given or "" if not sign.isascii()})
    sounds = dict(zip(signs, spelling.romanised(signs), strict=True))
    return [
        _words(word, given, family=surname, sounds=sounds)
        for word, (given, _), surname in zip(words, parts, family, strict=True)
    ]


def _words(
    text: str | None, given: str | None, *, family: str | None, sounds: Mapping[str, str | None]
) -> str | None:
    if text is None or text.isascii():
        spoken = text or ""
    else:
        spoken = " ".join([family or "", *(sounds.get(sign) or sign for sign in given or "")])
    letters = "".join(sign for sign in spoken if sign.isalpha() or sign == " ").strip()
    return letters or None


@cache
def are_alike(one: str, other: str) -> bool:
    """Tell whether two names may be one person's: written otherwise, shortened, slightly wrong.

    Parameters
    ----------
    one, other
        Names as ``name_keys`` returns them.
    """
    if sorted(one.replace(" ", "")) == sorted(other.replace(" ", "")):
        return True  # another order, or other gaps
    common = Counter(one.split()) & Counter(other.split())
    words = sorted([one, other])  # the measure below is not symmetric
    rest = ["".join((Counter(name.split()) - common).elements()) for name in words]
    if common.total() > 1 or (common and not all(rest)):
        return True  # one given name of two, or a family name alone
    if common and min(map(len, rest)) == 1:
        return rest[0][0] == rest[1][0]  # an initial
    least = LIKE_GIVEN if common else LIKE_NAME
    return min(map(len, rest)) >= LONG and SequenceMatcher(None, rest[0], rest[1]).ratio() >= least


@cache
def are_near(one: str, other: str) -> bool:
    """Tell whether one slip parts two dates: a digit, two neighbours, day and month, no day.

    Parameters
    ----------
    one, other
        Dates as ISO text, ``1990-04-07``. The first of January may stand for a mere year.
    """
    slips = [place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b]
    if len(one) != len(other) or len(slips) <= 1:
        return len(one) == len(other)
    first, last = slips[0], slips[-1]
    turned = len(slips) == 2 and one[first] == other[last] and one[last] == other[first]
    a_year = one[:4] == other[:4] and NEW_YEAR in (one[4:], other[4:])
    return turned or a_year or one.split("-")[1:] == other.split("-")[:0:-1]


@cache
def have_in_common(one: str, other: str) -> bool:
    """Tell whether two dates have the year, the month or the day in common, or are near."""
    parts = zip(one.split("-"), other.split("-"), strict=False)
    return are_near(one, other) or any(a == b for a, b in parts)
