"""Names as one system after another writes them: in traditional characters, in pinyin, wrong.

A name is three numbers, its surname and one or two characters, until it is written.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa

from loaders.demo.draw import Flags, Ints, chance, weighted, zipf
from loaders.demo.people import Households
from loaders.demo.text import join, pick
from loaders.demo.vocabulary import shares, table, words

SIMPLIFIED, TRADITIONAL, PINYIN = range(3)
NONE = -1  # no second character
_SHORT = 0.18  # of given names: one character
_COMMONER = 0.5  # exponent of how much commoner the first characters of the list are
# of names that differ: a wrong character, one too few or too many, another name, a title
_MISTAKES = (0.45, 0.25, 0.15, 0.15)
_WRONG, _SHORTENED, _OTHER, _TITLE = range(4)
TITLES = ("女士", "先生")


@dataclass(frozen=True)
class Names:
    """Surname and characters, as numbers in their lists; ``second`` is ``NONE`` in short names."""

    surname: Ints
    first: Ints
    second: Ints

    def of(self, chosen: Ints | Flags) -> "Names":
        """Return the names at places, or those flagged."""
        return Names(self.surname[chosen], self.first[chosen], self.second[chosen])


def names_of(homes: Households, is_female: Flags, *, rng: np.random.Generator) -> Names:
    """Draw a name for everybody: common ones often, children with the head's surname."""
    own = weighted(rng, shares("people", "surnames")[1], n=len(homes))
    takes_heads = (homes.place >= 2) & chance(rng, 0.9, n=len(homes))
    first, second = (_characters(is_female, rng=rng) for _ in range(2))
    is_short = chance(rng, _SHORT, n=len(homes))
    return Names(
        np.where(takes_heads, own[homes.head], own), first, np.where(is_short, NONE, second)
    )


def _characters(is_female: Flags, *, rng: np.random.Generator) -> Ints:
    """Draw a character for each: the numbers of women's come first."""
    n_female, n_male = len(words("people", "female")), len(words("people", "male"))
    female, male = (
        weighted(rng, zipf(size, exponent=_COMMONER), n=len(is_female))
        for size in (n_female, n_male)
    )
    return np.where(is_female, female, n_female + male)


def as_given(names: Names, is_female: Flags, *, differs: float, rng: np.random.Generator) -> Names:
    """Return the names as one system has them: the share ``differs`` not as they are."""
    n = len(names.surname)
    mistake = np.where(chance(rng, differs, n=n), weighted(rng, _MISTAKES, n=n), len(_MISTAKES))
    some, other = (_characters(is_female, rng=rng) for _ in range(2))
    is_short = names.second == NONE
    first = np.where((mistake == _OTHER) | ((mistake == _WRONG) & is_short), some, names.first)
    second = np.where((mistake == _WRONG) & ~is_short, some, names.second)
    second = np.where(mistake == _SHORTENED, np.where(is_short, some, NONE), second)
    second = np.where(mistake == _OTHER, np.where(is_short, NONE, other), second)
    is_title = mistake == _TITLE
    title = len(_given()) // 3 - len(TITLES) + ~is_female
    return Names(names.surname, np.where(is_title, title, first), np.where(is_title, NONE, second))


def written(names: Names, style: Ints) -> pa.Array:
    """Write names, each in its own style: ``SIMPLIFIED``, ``TRADITIONAL`` or ``PINYIN``."""
    surnames, given = _surnames(), _given()
    later = [word.lower() for word in given] + [""]
    second = style * (len(given) // 3) + names.second
    return join(
        pick(surnames, style * (len(surnames) // 3) + names.surname),
        pick(given, style * (len(given) // 3) + names.first),
        pick(later, np.where(names.second == NONE, len(given), second)),
    )


def styles(n: int, *, traditional: float, pinyin: float, rng: np.random.Generator) -> Ints:
    """Draw in which style each of ``n`` names is written."""
    return weighted(rng, (1.0 - traditional - pinyin, traditional, pinyin), n=n)


@cache
def _surnames() -> list[str]:
    """Return every surname simplified, then traditional, then in pinyin with a space behind."""
    simplified, traditional, pinyin = _spellings(shares("people", "surnames")[0])
    return [*simplified, *traditional, *(f"{word} " for word in pinyin)]


@cache
def _given() -> list[str]:
    """Return every character and title simplified, then traditional, then in pinyin."""
    pool = [*words("people", "female"), *words("people", "male"), *TITLES]
    return [word for style in _spellings(pool) for word in style]


def _spellings(pool: list[str]) -> tuple[list[str], list[str], list[str]]:
    """Return words as they are, in traditional characters and in pinyin."""
    from opencc import OpenCC
    from pypinyin import lazy_pinyin

    converter = OpenCC("s2t")
    as_surnames = {str(word): str(read) for word, read in table("people", "readings")}
    pinyin = [as_surnames.get(w) or "".join(lazy_pinyin(w)).capitalize() for w in pool]
    return pool, [converter.convert(word) for word in pool], pinyin
