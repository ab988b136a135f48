"""What goes wrong between a person and a record: slips, habits, defaults, rows written twice."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders.demo.draw import Flags, Ints, chance, weighted, zipf
from loaders.demo.people import People, full_names
from loaders.demo.text import join, number, pick
from loaders.demo.vocabulary import words

_NARROW, _WIDE = "0123456789", "０１２３４５６７８９"


def slipped(phones: Ints, *, rate: float, hits: float, rng: np.random.Generator) -> Ints:
    """Mistype the share ``rate`` of ``phones``; of those, ``hits`` become another's number."""
    n = len(phones)
    is_slip = chance(rng, rate, n=n)
    power = 10 ** rng.integers(0, 8, n)  # one of the last eight digits
    digit = phones // power % 10
    wrong = phones + ((digit + rng.integers(1, 10, n)) % 10 - digit) * power
    others = phones[rng.integers(0, max(n, 1), n)]
    typed = np.where(chance(rng, hits, n=n), others, wrong)
    return np.where(is_slip, typed, phones)


def as_typed(phones: Ints, *, weights: tuple[float, ...], rng: np.random.Generator) -> pa.Array:
    """Write phones as people do: plain, spaced, hyphened, with +86, in full-width digits.

    ``weights`` are the shares of these five habits.
    """
    text = number(phones)
    head, middle, tail = (
        pc.utf8_slice_codeunits(text, start, stop) for start, stop in ((0, 3), (3, 7), (7, 11))
    )
    habits = (
        text,
        join(head, " ", middle, " ", tail),
        join(head, "-", middle, "-", tail),
        join("+86 ", text),
        _wide(text),
    )
    return pc.choose(pa.array(weighted(rng, weights, n=len(phones))), *habits)


def _wide(text: pa.Array) -> pa.Array:
    for narrow, wide in zip(_NARROW, _WIDE, strict=True):
        text = pc.replace_substring(text, narrow, wide)
    return text


def default_phones(n: int, *, rng: np.random.Generator) -> pa.Array:
    """Draw what is typed instead of a number, the commonest most often."""
    pool = words("machines", "default_phones")
    return pick(pool, weighted(rng, zipf(len(pool)), n=n))


def default_mails(n: int, *, rng: np.random.Generator) -> pa.Array:
    """Draw what is typed instead of a mail."""
    pool = words("machines", "default_mails")
    return pick(pool, weighted(rng, zipf(len(pool)), n=n))


def names_given(
    people: People, persons: Ints, *, differs: float, rng: np.random.Generator
) -> pa.Array:
    """Return the names that ``persons`` give: the share ``differs`` another given name."""
    true, surname = (
        column.take(pa.array(persons)) for column in (people.full_name, people.surname)
    )
    other = full_names(surname, people.is_female[persons], rng=rng)
    return pc.if_else(pa.array(chance(rng, differs, n=len(persons))), other, true)


def doubled(n: int, *, rate: float, rng: np.random.Generator) -> Ints:
    """Return row numbers 0 to ``n`` - 1 in order, the share ``rate`` of them twice."""
    return np.repeat(np.arange(n), 1 + chance(rng, rate, n=n))


def a_few(n: int, *, rate: float, rng: np.random.Generator) -> Flags:
    """Flag the share ``rate`` of ``n`` rows, one at least."""
    flags = chance(rng, rate, n=n)
    flags[rng.integers(0, n, min(n, 1))] = True
    return flags
