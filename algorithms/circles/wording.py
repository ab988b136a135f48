"""The words of public texts, without a dictionary: letters between spaces, and runs of Han.

Chinese is written without spaces, so that every run of two to six characters may be a word; what
never stands without a longer one is a piece of it. A word has no digits and is no link, address,
mention or nickname: nothing that reaches one person may name a circle. And nothing is a word
that fewer than three people wrote.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

Numbers = npt.NDArray[np.int64]

FEWEST_PEOPLE: Final = 3
LONGEST: Final = 6
"""Characters of a Han word: idioms have four, brands and models up to six; more is a phrase."""
SHORTEST: Final = 3
"""Letters of a word in other scripts: shorter ones are grammar."""
ABSORBED: Final = 0.75
"""A run is a piece of a longer one that so many of its people wrote as well."""
CHARACTERS: Final = 280
"""Of a text; a novel is not more of a person than a post."""

HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
PRIVATE: Final = re.compile(
    r"https?://\S+|www\.\S+|[\w.+-]*@\S+|\b[a-z]+[_.-]?\d[\w.-]*|\d[\w.-]*[a-z]\w*",
    re.IGNORECASE | re.ASCII,
)
LETTERS: Final = re.compile(rf"[^\W\d_{HAN}]+(?:['’-][^\W\d_{HAN}]+)*")
NOT_HAN: Final = re.compile(rf"[^{HAN}]+")
END: Final = "\n"


@dataclass(frozen=True, eq=False)
class Runs:
    """Han runs of one length that enough people wrote: an id at each place they begin.

    Parameters
    ----------
    ids
        By place in the whole text; -1 where no such run begins.
    place
        Of each id, where it stands first.
    people
        Of each id, how many wrote it.
    length
        Characters.
    """

    ids: Numbers
    place: Numbers
    people: Numbers
    length: int


def words_of(said: pd.DataFrame, handles: Sequence[str]) -> pd.DataFrame:
    """Return which words each person wrote.

    Parameters
    ----------
    said
        ``customer_id`` and ``text``, one row a text.
    handles
        Nicknames; none of them becomes a word, nor a piece of three characters and more.

    Returns
    -------
    ``customer_id`` and ``word``, each pair once, ordered by both. Letters are folded to lower
    case and full width to half.
    """
    texts = [plain(text) for text in said["text"].astype(str)]
    owner = np.asarray(said["customer_id"].cat.codes, np.int64)
    nicknames = set(_nicknames(handles))
    found = [*_lettered(texts, owner), *_han(texts, owner)]
    rows = pd.DataFrame([row for row in found if row[1] not in nicknames], columns=["who", "word"])
    ids = said["customer_id"].cat.categories
    kept = rows.drop_duplicates()
    frame = kept.assign(customer_id=pd.Categorical.from_codes(kept["who"], categories=ids))
    return frame.sort_values(["who", "word"])[["customer_id", "word"]].reset_index(drop=True)


def plain(text: str) -> str:
    """Return a text in lower case and half width without links, addresses, mentions, codes."""
    short = unicodedata.normalize("NFKC", text[:CHARACTERS]).casefold()
    return PRIVATE.sub(" ", short)


def _nicknames(handles: Sequence[str]) -> Iterator[str]:
    """Return what of each nickname must not be a word: its letters, and its longer pieces."""
    for handle in handles:
        folded = unicodedata.normalize("NFKC", handle).casefold()
        runs = [*LETTERS.findall(folded), *NOT_HAN.sub(" ", folded).split()]
        # of several words each may be a common one, as in ``camera girl``
        yield from runs if len(runs) == 1 else ()
        yield from (
            run[start:end]
            for run in NOT_HAN.sub(" ", folded).split()
            for start in range(len(run))
            for end in range(start + 3, len(run) + 1)
        )


def _lettered(texts: Sequence[str], owner: Numbers) -> Iterator[tuple[int, str]]:
    """Return words of scripts that part them, each person and word once or more."""
    held: dict[str, set[int]] = {}
    for who, text in zip(owner.tolist(), texts, strict=True):
        for word in LETTERS.findall(text):
            held.setdefault(word, set()).add(who)
    for word, people in held.items():
        if len(word) >= SHORTEST and len(people) >= FEWEST_PEOPLE:
            yield from ((who, word) for who in sorted(people))


def _han(texts: Sequence[str], owner: Numbers) -> Iterator[tuple[int, str]]:
    """Return Han runs that are no mere piece of a longer one, each person and run once."""
    # a line each: no run goes from one text into the next
    parts = [NOT_HAN.sub(END, text) + END for text in texts]
    whole = "".join(parts)
    of = np.repeat(owner, [len(part) for part in parts])
    code = np.frombuffer(whole.encode("utf-32-le"), np.uint32).astype(np.int64)
    none = np.empty(0, np.int64)
    single = Runs(np.where(code == ord(END), -1, code), none, none, 1)
    shorter = _longer(single, of)
    while len(shorter.people) and shorter.length <= LONGEST:
        longer = _longer(shorter, of)
        absorbed = _most_of_longer(shorter, longer) >= ABSORBED * shorter.people
        begins = np.flatnonzero(shorter.ids >= 0)
        for at in begins[~absorbed[shorter.ids[begins]]].tolist():
            yield int(of[at]), whole[at : at + shorter.length]
        shorter = longer


def _longer(runs: Runs, owner: Numbers) -> Runs:
    """Return the runs of one character more, made of two that overlap."""
    first, second = runs.ids, np.append(runs.ids[1:], -1)
    begins = np.flatnonzero((first >= 0) & (second >= 0))
    ids, none = np.full(len(first), -1, np.int64), np.empty(0, np.int64)
    if not len(begins):
        return Runs(ids, none, none, runs.length + 1)
    key = first[begins] * (int(first.max()) + 1) + second[begins]
    _, place, inverse = np.unique(key, return_index=True, return_inverse=True)
    wrote = np.unique(inverse * (int(owner.max()) + 1) + owner[begins])
    people = np.bincount(wrote // (int(owner.max()) + 1), minlength=len(place))
    enough = people >= FEWEST_PEOPLE
    number = np.where(enough, np.cumsum(enough) - 1, -1)
    ids[begins] = number[inverse]
    return Runs(ids, begins[place[enough]], people[enough], runs.length + 1)


def _most_of_longer(shorter: Runs, longer: Runs) -> Numbers:
    """Return of each shorter run, how many people wrote the commonest longer one around it."""
    most = np.zeros(len(shorter.people), np.int64)
    for offset in (0, 1):
        np.maximum.at(most, shorter.ids[longer.place + offset], longer.people)
    return most
