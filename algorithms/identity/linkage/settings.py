"""What to compare in this register, and under which keys: derived from its columns.

No two registers have the same columns, nor fill them alike. Which fields can be compared,
which of their levels can occur, and which keys bring together neither too few nor too many
pairs is read off the rows; ``linkage.toml`` says what there is to choose from.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from graph.engine import unspilling
from graph.errors import ConfigurationError
from graph.language import Text

SHIPPED: Final = Path(__file__).with_name("linkage.toml")
LISTS: Final = {"phones": "phone", "emails": "email"}  # lists, and their most frequent value
SIDES: Final = re.compile(r"\b([a-z_]+)_[lr]\b")


class SettingsError(ConfigurationError):
    """A linkage file cannot be read or says something impossible."""

    text = Text(
        "Linkage settings {path}, {place}: {problem}. "
        "Compare with algorithms/identity/linkage/linkage.toml.",
        "概率匹配设置 {path}，{place}：{problem}。"
        "请对照 algorithms/identity/linkage/linkage.toml。",
    )


class _Checked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Clause(_Checked):
    """A condition on two rows, whose columns end in ``_l`` and ``_r``."""

    sql: str
    needs: tuple[str, ...] = ()


class Level(Clause):
    """One way in which two values agree or differ."""

    says: str
    m: float = Field(gt=0, lt=1)
    frequency: str | None = None
    han: bool = False
    many: str | None = None


class Comparison(_Checked):
    """One field: where it says nothing, and its levels, the strongest agreement first."""

    name: str
    needs: tuple[str, ...]
    nulls: tuple[Clause, ...]
    levels: tuple[Level, ...]
    shared: bool = False
    may_differ: bool = False
    implied_by: tuple[str, ...] = ()
    several: str | None = None

    @property
    def null(self) -> str:
        """Return the condition under which the field says nothing."""
        return " OR ".join(f"coalesce({clause.sql}, false)" for clause in self.nulls)

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns that the conditions name, sorted."""
        texts = [self.null, *(level.sql for level in self.levels)]
        return tuple(sorted({name for text in texts for name in SIDES.findall(text)}))


class Limits(_Checked):
    """How much is compared, and what is kept of it; see ``linkage.toml``."""

    max_pairs: int = Field(gt=0)
    pairs_per_row: int = Field(gt=0)
    min_pairs: int = Field(gt=0)
    min_coverage: float = Field(ge=0, le=1)
    weight_floor: float
    resolution: float = Field(gt=0, lt=1)
    resolution_of_groups: float = Field(gt=0, lt=1)
    groups_from: float = Field(ge=1)
    max_group: int = Field(gt=1)


class Training(_Checked):
    """How a model is learned; see ``linkage.toml``."""

    min_rows: int = Field(gt=1)
    random_pairs: int = Field(gt=0)
    candidate_pairs: int = Field(gt=0)
    assumed_matches: float = Field(gt=0)
    rarest: float = Field(gt=0, lt=0.1)
    most_differing: float = Field(gt=0, lt=1)
    least_chance: float = Field(gt=0, lt=1)
    kept_frequency: int = Field(gt=0)


class Choices(_Checked):
    """All that a register may be compared by: the file's content."""

    limits: Limits
    training: Training
    blocks: tuple[tuple[str, ...], ...]
    field: tuple[Comparison, ...]

    def for_units(self, *, of: float) -> "Choices":
        """Return the choices for rows that stand for ``of`` records each on the mean."""
        if of < self.limits.groups_from:
            return self
        limits = self.limits.model_copy(update={"resolution": self.limits.resolution_of_groups})
        return self.model_copy(update={"limits": limits})

    @field_validator("blocks")
    @classmethod
    def _lists_stand_alone(cls, blocks: Sequence[tuple[str, ...]]) -> Sequence[tuple[str, ...]]:
        if any(len(keys) > 1 and set(keys) & set(LISTS) for keys in blocks):
            problem = "a block on a list has no other column"
            raise ValueError(problem)
        return blocks


@dataclass(frozen=True)
class Settings:
    """What one register is compared by.

    ``n_pairs`` counts the pairs that the blocks bring together, each as often as blocks do.
    """

    comparisons: tuple[Comparison, ...]
    blocks: tuple[tuple[str, ...], ...]
    n_pairs: int
    limits: Limits
    training: Training

    @property
    def frequencies(self) -> tuple[str, ...]:
        """Return the columns whose rare values weigh more, sorted."""
        named = {level.frequency for field in self.comparisons for level in field.levels}
        return tuple(sorted(name for name in named if name))


def read_choices(path: Path | None = None) -> Choices:
    """Read what a register may be compared by.

    Parameters
    ----------
    path
        A TOML file laid over the shipped one; ``None``: none is.

    Raises
    ------
    SettingsError
        If the file is missing or no TOML, names an unknown key, or holds a value out of range.
    """
    shipped, wished = _tables(SHIPPED), _tables(path) if path else {}
    try:
        return Choices.model_validate(_overlaid(shipped, wished))
    except (ValidationError, TypeError, KeyError) as error:
        first = error.errors()[0] if isinstance(error, ValidationError) else {"msg": str(error)}
        place = ".".join(str(part) for part in first.get("loc", ())) or "file"
        raise SettingsError(path=path or SHIPPED, place=place, problem=first["msg"]) from None


def _tables(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(path=path, place="file", problem=error) from None


def _overlaid(shipped: Mapping[str, object], wished: Mapping[str, object]) -> dict[str, object]:
    """Lay ``wished`` over ``shipped``: tables value by value, fields by name."""
    merged = dict(shipped)
    for name, value in wished.items():
        below = merged.get(name)
        if isinstance(below, dict) and isinstance(value, dict):
            merged[name] = {**below, **value}
        elif name == "field" and isinstance(below, list) and isinstance(value, list):
            by_name = {field["name"]: field for field in [*below, *value]}
            merged[name] = list(by_name.values())
        else:
            merged[name] = value
    return merged


def derive(rows: pa.Table, choices: Choices) -> Settings:
    """Choose from ``choices`` what this register can be compared by.

    Parameters
    ----------
    rows
        What ``match_rows`` returned.
    choices
        What ``read_choices`` returned.

    Returns
    -------
    Fields and levels whose columns are there, and blocks in rising order of their pairs as
    long as all together stay within the limits.
    """
    present = _present(rows, choices.limits.min_coverage)
    is_han = _is_written_in_han(rows)
    fields = [
        _reduced(field, rows, present=present, is_han=is_han)
        for field in choices.field
        if set(field.needs) <= present and _has_several(rows, field.several)
    ]
    blocks, n_pairs = _affordable(rows, choices, present=present)
    return Settings(tuple(fields), blocks, n_pairs, choices.limits, choices.training)


def _present(rows: pa.Table, least: float) -> set[str]:
    """Return the columns that enough rows fill."""
    n = max(rows.num_rows, 1)
    return {name for name in rows.column_names if 1 - rows[name].null_count / n >= least}


def _is_written_in_han(rows: pa.Table) -> bool:
    names = [rows[name] for name in ("given", "family") if name in rows.column_names]
    return any(pc.any(pc.match_substring_regex(column, r"\p{Han}")).as_py() for column in names)


def _has_several(rows: pa.Table, column: str | None) -> bool:
    return column is None or len(pc.unique(rows[column].drop_null())) > 1


def _reduced(field: Comparison, rows: pa.Table, *, present: set[str], is_han: bool) -> Comparison:
    """Return a field without the levels and clauses that cannot occur here."""
    levels = [
        level
        for level in field.levels
        if set(level.needs) <= present
        and (is_han or not level.han)
        and (level.many is None or _holds_several(rows, level.many))
    ]
    nulls = [clause for clause in field.nulls if set(clause.needs) <= present]
    implied = [f"{name}_l = {name}_r" for name in field.implied_by if name in present]
    if implied:
        # a slip of the family name is no more evidence at one address than the name itself
        agreeing = _any_of(level.sql for level in levels[:-1])
        nulls.append(Clause(sql=f"CASE WHEN {_any_of(implied)} THEN {agreeing} ELSE false END"))
    return field.model_copy(update={"levels": _summing_to_one(levels), "nulls": tuple(nulls)})


def _any_of(conditions: Iterable[str]) -> str:
    return " OR ".join(f"coalesce({condition}, false)" for condition in conditions)


def _summing_to_one(levels: list[Level]) -> tuple[Level, ...]:
    total = sum(level.m for level in levels)
    return tuple(level.model_copy(update={"m": level.m / total}) for level in levels)


def _holds_several(rows: pa.Table, column: str) -> bool:
    longest = pc.max(pc.list_value_length(rows[column])).as_py()
    return (longest or 0) > 1


def _affordable(
    rows: pa.Table, choices: Choices, *, present: set[str]
) -> tuple[tuple[tuple[str, ...], ...], int]:
    """Return the blocks to use, and how many pairs they make."""
    wanted = {_without_lists(keys, rows, present=present) for keys in choices.blocks}
    possible = sorted(keys for keys in wanted if set(keys) <= present)
    counted = zip(counts_of_pairs(rows, possible), possible, strict=True)
    limits = choices.limits
    budget = min(limits.max_pairs, max(limits.min_pairs, limits.pairs_per_row * rows.num_rows))
    taken, total = [], 0
    for n, keys in sorted(counted):
        if n and total + n <= budget:
            taken.append(keys)
            total += n
    return tuple(taken), total


def _without_lists(keys: tuple[str, ...], rows: pa.Table, *, present: set[str]) -> tuple[str, ...]:
    """Replace a list that never holds several values by its value, which needs no unfolding."""
    return tuple(
        LISTS[name]
        if name in LISTS and name in present and not _holds_several(rows, name)
        else name
        for name in keys
    )


def counts_of_pairs(rows: pa.Table, blocks: Sequence[tuple[str, ...]]) -> list[int]:
    """Return for each block how many pairs of rows agree on it; of a list, on one of its values."""
    columns = sorted({name for keys in blocks for name in keys})
    if not columns:
        return []
    connection = unspilling()
    connection.register("match_rows", rows.select(columns))
    # numbers group several times faster than texts
    hashed = [_hashed(name) for name in columns]
    connection.execute(f"CREATE TABLE hashed AS SELECT {', '.join(hashed)} FROM match_rows")
    counts = [connection.execute(_count(keys)).fetchall()[0][0] for keys in blocks]
    connection.close()
    return [int(n) for n in counts]


def _hashed(name: str) -> str:
    if name in LISTS:
        return f"list_transform({name}, lambda value: hash(value)) AS {name}"
    return f"CASE WHEN {name} IS NOT NULL THEN hash({name}) END AS {name}"


def _count(keys: tuple[str, ...]) -> str:
    columns = [f"unnest({name}) AS {name}" if name in LISTS else name for name in keys]
    filled = " AND ".join(f"{name} IS NOT NULL" for name in keys)
    return f"""
        SELECT coalesce(sum(n * (n - 1) // 2), 0)::BIGINT FROM (
            SELECT count(*) AS n FROM (SELECT {", ".join(columns)} FROM hashed)
            WHERE {filled} GROUP BY {", ".join(keys)}
        )
    """
