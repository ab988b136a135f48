"""How a stored value is asked for and shown, derived from the declarations.

A property is shown with its unit, its meaning in the reader's language, and whether it was
observed (a fact of a source) or inferred (worked out by an algorithm). Which properties
there are is never written down here: the query, the value and the API's model all follow
from the same ``PropertySpec``.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, Field, JsonValue, create_model

from graph.spec import GraphSpec, PropertySpec

Row = Mapping[str, object]
View = dict[str, object]
# asks the database one question, with parameters, and returns its rows
Ask = Callable[[str, Mapping[str, object]], Sequence[Row]]
T = TypeVar("T")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TYPES: Mapping[str, type] = {
    "key": str,
    "text": str,
    "code": str,
    "time": datetime,
    "date": date,
    "integer": int,
    "number": float,
    "money": float,
    "boolean": bool,
}


class Shown(BaseModel, Generic[T]):
    """A value with its unit, its meaning and its origin."""

    value: T | None = Field(description="null: not known")
    unit: str = Field(description="Empty where the value has none")
    about: str = Field(description="What it means, in the language asked for")
    basis: Literal["observed", "inferred"] = Field(
        description="observed: a source says so; inferred: an algorithm worked it out"
    )


def model_of(name: str, properties: Iterable[PropertySpec]) -> type[BaseModel]:
    """Return the model ``name`` in which each of ``properties`` is shown."""
    fields = {p.name: (Shown[_type(p)], Field(description=_sentence(p))) for p in properties}  # type: ignore[misc]
    return create_model(name, **fields)  # type: ignore[call-overload,no-any-return]


def projection(variable: str, properties: Iterable[PropertySpec]) -> str:
    """Return the Cypher map of ``properties`` of ``variable``; times as epoch milliseconds."""
    return f"{variable}{{{', '.join(_projected(variable, p) for p in properties)}}}"


def shown(properties: Iterable[PropertySpec], held: Mapping[str, object]) -> View:
    """Show each of ``properties`` with its value in ``held``, as ``projection`` returned it."""
    return {p.name: show(p, held.get(p.name)) for p in properties}


def show(spec: PropertySpec, raw: object) -> View:
    """Show one value as the database returned it."""
    return {
        "value": plain(spec, raw),
        "unit": spec.unit or ("currency" if spec.kind == "money" else ""),
        "about": str(spec.about),
        "basis": "inferred" if spec.owner else "observed",
    }


def plain(spec: PropertySpec, raw: object) -> object:
    """Return the value alone: times as instants, JSON text as what it says."""
    if spec.kind == "time":
        return instant(raw)
    if spec.kind == "json" and isinstance(raw, str):
        return json.loads(raw)
    return raw


def instant(milliseconds: object) -> datetime | None:
    """Return the instant that is ``milliseconds`` after 1970, UTC; None where there is none."""
    if not isinstance(milliseconds, int):
        return None
    return EPOCH + timedelta(milliseconds=milliseconds)


def by_owner(properties: Iterable[PropertySpec]) -> dict[str, list[PropertySpec]]:
    """Group computed properties by the algorithm that owns them; resolution owns no score."""
    owned: dict[str, list[PropertySpec]] = {}
    for p in properties:
        if p.owner and p.owner != "identity":
            owned.setdefault(p.owner, []).append(p)
    return owned


def facts_of(spec: GraphSpec, label: str) -> list[PropertySpec]:
    """Return what sources say of a node, its key and bookkeeping aside."""
    return [p for p in spec.nodes[label].facts if p.name not in ("touched_at", "attribute_values")]


def row_of(value: object) -> Row:
    """Return a map out of a row, typed."""
    return value if isinstance(value, dict) else {}


def maps(value: object) -> list[Row]:
    """Return a list of maps out of a row, typed."""
    return list(value) if isinstance(value, list) else []


def texts(values: Iterable[object]) -> list[str]:
    """Return the distinct known texts among ``values``, sorted."""
    return sorted({str(value) for value in values if value is not None})


def whole(value: object) -> int:
    """Return a count out of a row, typed."""
    return value if isinstance(value, int) else 0


def _projected(variable: str, p: PropertySpec) -> str:
    if p.kind == "time":
        # native times are ten times slower to read than numbers
        return f"{p.name}: {variable}.{p.name}.epochMillis"
    if p.kind == "date":
        return f"{p.name}: toString({variable}.{p.name})"
    return f".{p.name}"


def _type(p: PropertySpec) -> object:
    if p.kind == "json":
        return JsonValue
    return list[str] if p.kind == "texts" else TYPES[p.kind]


def _sentence(p: PropertySpec) -> str:
    """Describe a property for programmers: meaning, unit, range."""
    parts = [p.about.en]
    if p.unit:
        parts.append(f"unit: {p.unit}")
    if p.minimum is not None or p.maximum is not None:
        least = "" if p.minimum is None else f"{p.minimum:g}"
        most = "" if p.maximum is None else f"{p.maximum:g}"
        parts.append(f"range: {least}..{most}")
    if p.codes:
        parts.append("one of: " + ", ".join(p.codes))
    return "; ".join(parts)
