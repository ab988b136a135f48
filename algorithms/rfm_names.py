"""What customers are called by their scores: data that a user can read and override.

The shipped names stand in ``rfm.toml`` beside this module; a home replaces the segments, the
classes or both by a file ``rfm.toml`` of its own. There are 125 cells of three scores, so a
list of names becomes a table of cells once, whatever the number of customers.
"""

import json
import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import product
from pathlib import Path
from typing import Annotated, Final, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
from annotated_types import Ge, Le, Len
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, field_validator

from graph.errors import ConfigurationError
from graph.language import Text
from graph.settings import Settings

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Names = npt.NDArray[np.str_]

SHIPPED: Final = Path(__file__).parent / "rfm.toml"
LEVELS: Final = range(1, 6)
CELLS: Final = np.array(list(product(LEVELS, repeat=3)), np.float64)
"""Every cell of scores r, f and m, in the order in which `cells_of` numbers them."""

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Label = Annotated[str, StringConstraints(min_length=1, max_length=40)]
Score = Annotated[int, Ge(1), Le(5)]
Mean = Annotated[float, Ge(1), Le(5)]


class RfmNamesError(ConfigurationError):
    """A file of names for scores cannot be read or says something impossible."""

    text = Text(
        "Names of RFM scores in {path}, {place}: {problem}. Compare with algorithms/rfm.toml.",
        "RFM 命名规则 {path}，{place}：{problem}。请对照 algorithms/rfm.toml。",
    )


class Frozen(BaseModel):
    """Data from a file: nothing unknown in it, and nobody changes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Named(Protocol):
    """Something with a code that is stored and a name that is read."""

    @property
    def code(self) -> str:
        """Return what is stored."""

    @property
    def label(self) -> Text:
        """Return what people read."""


N = TypeVar("N", bound=Named)


class Segment(Frozen):
    """A name with the ranges of scores, both ends included, that bear it."""

    code: Code
    en: Label
    zh: Label
    r: tuple[Score, Score]
    f: tuple[Score, Score]
    m: tuple[Score, Score]

    @field_validator("r", "f", "m")
    @classmethod
    def _rises(cls, ends: tuple[int, int]) -> tuple[int, int]:
        if ends[0] > ends[1]:
            problem = f"the range {ends[0]} to {ends[1]} is empty"
            raise ValueError(problem)
        return ends

    @property
    def label(self) -> Text:
        """Return the name in both languages."""
        return Text(self.en, self.zh)


class Profile(Frozen):
    """Mean scores of a group."""

    r: Mean
    f: Mean
    m: Mean


class Class(Frozen):
    """A class with the groups, by their mean scores, that belong to it."""

    code: Code
    en: Label
    zh: Label
    profiles: Annotated[tuple[Profile, ...], Len(1)]

    @property
    def label(self) -> Text:
        """Return the name in both languages."""
        return Text(self.en, self.zh)


class RfmNames(Frozen):
    """The segments, in the order in which they are tried, and the classes."""

    segments: Annotated[tuple[Segment, ...], Len(1)]
    classes: Annotated[tuple[Class, ...], Len(1)]

    @field_validator("segments")
    @classmethod
    def _covers(cls, segments: tuple[Segment, ...]) -> tuple[Segment, ...]:
        nameless = CELLS[_first_match(segments) < 0]
        if len(nameless):
            cell = "".join(str(int(score)) for score in nameless[0])
            problem = f"nobody names the scores {cell}; end with one that holds all"
            raise ValueError(problem)
        return _told_apart(segments)

    @field_validator("classes")
    @classmethod
    def _differ(cls, classes: tuple[Class, ...]) -> tuple[Class, ...]:
        return _told_apart(classes)

    def segment_names(self) -> Names:
        """Return the code of the segment of each of the 125 cells."""
        return np.asarray(np.array([s.code for s in self.segments])[_first_match(self.segments)])

    def class_names(self, means: Floats = CELLS) -> Names:
        """Return the code of the class of each row of mean scores r, f and m (1 to 5)."""
        pairs = [(c.code, (p.r, p.f, p.m)) for c in self.classes for p in c.profiles]
        profiles = np.array([scores for _, scores in pairs])
        # rounded, so that equally near ones are equal and the first of them stands
        apart = np.round(((means[:, None, :] - profiles) ** 2).sum(axis=2), 9)
        codes = np.array([code for code, _ in pairs])
        return np.asarray(codes[apart.argmin(axis=1)])


def cells_of(scores: Iterable[Integers]) -> Integers:
    """Return the number of each customer's cell of scores r, f and m: its row in `CELLS`."""
    r, f, m = scores
    return np.asarray((r - 1) * 25 + (f - 1) * 5 + (m - 1), np.int64)


def labels_of(named: Sequence[Named]) -> dict[str, Text]:
    """Return what people read, by what is stored."""
    return {each.code: each.label for each in named}


def _first_match(segments: Sequence[Segment]) -> Integers:
    """Return the place of the first segment that holds each cell, -1 where none does."""
    low = np.array([(s.r[0], s.f[0], s.m[0]) for s in segments])
    high = np.array([(s.r[1], s.f[1], s.m[1]) for s in segments])
    cells = CELLS[:, None, :]
    holds = np.asarray(np.all((cells >= low) & (cells <= high), axis=2))
    return np.where(holds.any(axis=1), holds.argmax(axis=1), -1)


def _told_apart(named: tuple[N, ...]) -> tuple[N, ...]:
    codes = [each.code for each in named]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        problem = f"{twice[0]} is there twice"
        raise ValueError(problem)
    return named


@cache
def shipped_names() -> RfmNames:
    """Return the names that hold where nobody says otherwise."""
    return read_rfm_names()


def home_names(settings: Settings) -> RfmNames:
    """Return the names of a home: ``KITH_HOME/rfm.toml`` over the shipped ones.

    Raises
    ------
    RfmNamesError
        As ``read_rfm_names``.
    """
    path = settings.home / SHIPPED.name
    return read_rfm_names(path) if path.exists() else shipped_names()


def read_rfm_names(path: Path | None = None) -> RfmNames:
    """Read the names.

    Parameters
    ----------
    path
        A TOML file whose lists take the place of the shipped ones; None: none does.

    Raises
    ------
    RfmNamesError
        If the file is missing or no TOML, names an unknown key, a code twice, a score that
        there is not, or leaves some scores without a name.
    """
    lists = {**_lists(SHIPPED), **(_lists(path) if path else {})}
    try:
        return RfmNames.model_validate(lists)
    except ValidationError as error:
        first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"]) or "file"
    raise RfmNamesError(path=path or SHIPPED, place=place, problem=first["msg"])


def names_as_text(names: RfmNames) -> str:
    """Return the names as JSON text, the form in which a run keeps them."""
    return json.dumps(names.model_dump(), ensure_ascii=False, sort_keys=True)


@cache
def names_from_text(text: str) -> RfmNames:
    """Read what `names_as_text` wrote; the shipped names from an empty text."""
    return RfmNames.model_validate_json(text) if text else shipped_names()


def _lists(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RfmNamesError(path=path, place="file", problem=error) from None
