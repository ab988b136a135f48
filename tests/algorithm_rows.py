"""Made-up rows for the tables that an algorithm reads, generated from their declarations.

Keys are drawn from small pools, so that rows of different tables meet; whatever may be
missing is missing in some rows; numbers keep to their declared range.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from algorithms.contract import Algorithm
from algorithms.registry import computed_spec
from graph.columns import ARROW_TYPES, properties_by_column
from graph.shapes import CUSTOMER_ID, day_name, shape_of
from graph.spec import ColumnSpec, PropertySpec
from tests.buyers import shop_for
from tests.posters import forum_for

Integers = npt.NDArray[np.int64]

LAST = datetime(2026, 3, 1, tzinfo=UTC)
SPAN_MILLISECONDS = 90 * 86_400_000
MISSING_SHARE = 0.1
MOST: Mapping[str, int] = {"epoch": 2}  # an identifier has one owner after the other, not forty

# words that are drawn where chance alone would make rows too rarely meet
COMMON: Mapping[str, Mapping[tuple[str, str], tuple[str, ...]]] = {
    "rollup": {
        ("accounts", "kind"): (*["visitor"] * 7, "member"),
        ("identifiers", "kind"): ("cookie",),
        ("identifiers", "state"): ("shared",),
    }
}


# methods about differences between customers, of which rows drawn evenly have none
OF_DIFFERING_CUSTOMERS = frozenset({"clv", "repurchase"})
# methods about replies, of which rows drawn one by one hardly ever make one
OF_A_FORUM = frozenset(
    {"reply_network", "influence", "circles", "network", "seeds", "esteem", "engagement"}
)


def tables_for(algorithm: Algorithm, *, rows: int, seed: int = 0) -> dict[str, pa.Table]:
    """Return every table that ``algorithm`` reads, with ``rows`` rows each."""
    if rows > 1 and algorithm.name in OF_DIFFERING_CUSTOMERS:
        return shop_for(algorithm, seed=seed)
    words = COMMON.get(algorithm.name, {})
    tables = {
        name: table_of(name, columns, rows=rows, seed=seed, words=words)
        for name, columns in algorithm.reads.items()
    }
    is_forum = rows > 1 and algorithm.name in OF_A_FORUM
    return {**tables, **(forum_for(algorithm, seed=seed) if is_forum else {})}


def table_of(
    name: str,
    columns: tuple[str, ...],
    *,
    rows: int,
    seed: int,
    words: Mapping[tuple[str, str], tuple[str, ...]],
) -> pa.Table:
    made = {}
    for position, column in enumerate(columns):
        rng = np.random.default_rng([seed, position, *name.encode()])
        described = Column.of(name, column)
        if (name, column) in words:
            p = replace(described.p, codes=words[name, column])
            described = replace(described, p=p)
        made[column] = pa.array(described.values(rng, rows=rows), ARROW_TYPES[described.p.kind])
    # a day is that of its time where both are read
    days = {name: day_name(name) for name in made if day_name(name) in made}
    return pa.table({**made, **{day: made[name].cast(pa.date32()) for name, day in days.items()}})


def shuffled(tables: Mapping[str, pa.Table], *, seed: int) -> dict[str, pa.Table]:
    """Return the same rows in another order."""
    rng = np.random.default_rng(seed)
    return {name: t.take(rng.permutation(t.num_rows)) for name, t in tables.items()}


def keys_in(tables: Mapping[str, pa.Table], label: str) -> set[str]:
    """Return every key of a label's nodes that occurs in ``tables``."""
    return {
        key
        for name, table in tables.items()
        for column in table.column_names
        if Column.of(name, column).label == label
        for key in table[column].drop_null().to_pylist()
    }


@dataclass(frozen=True)
class Column:
    """A column of a table as readers give it.

    ``label`` is the node that it names, empty if none; ``is_own`` whether it identifies the
    table's own rows.
    """

    p: PropertySpec
    label: str
    is_own: bool

    @classmethod
    def of(cls, table: str, column: str) -> "Column":
        spec = computed_spec()
        p = shape_of(spec, table).properties()[column]
        if table not in spec.tables:
            p = properties_by_column(spec.nodes["Customer"]).get(column, p)
            return cls(p, "Customer" if p.kind == "key" else "", column == CUSTOMER_ID.name)
        declared = (c for c in spec.tables[table].columns if c.stored == column)
        place = shape_of(spec, table).fields[column]
        if place.element in {*spec.nodes, *spec.relationships}:
            p = properties_by_column(spec.element(place.element)).get(column, p)
        found = next(declared, ColumnSpec(**{n: getattr(p, n) for n in PropertySpec.__slots__}))
        label = "Customer" if column == CUSTOMER_ID.name else found.refers
        return cls(found, label, spec.tables[table].identity == (column,))

    def values(self, rng: np.random.Generator, *, rows: int) -> list[object]:
        if self.is_own:
            return self.keys(np.arange(rows))
        values = self.drawn(rng, rows=rows)
        missing = rng.random(rows) < (0 if self.p.required else MISSING_SHARE)
        return [None if gap else value for value, gap in zip(values, missing, strict=True)]

    def keys(self, numbers: Integers) -> list[object]:
        return [f"{(self.label or self.p.name).lower()}-{i:03d}" for i in numbers]

    def drawn(self, rng: np.random.Generator, *, rows: int) -> list[object]:
        # a third as many keys as rows, so that they repeat and meet
        numbers = rng.integers(0, max(1, rows // 3), rows)
        if self.label or self.p.kind in ("key", "text"):
            return self.keys(numbers)
        match self.p.kind:
            case "code":
                return list(rng.choice(list(self.p.codes), rows))
            case "time":
                return list(instants(rng, rows))
            case "date":
                return [at.date() for at in instants(rng, rows)]
            case "boolean":
                return [bool(number % 2) for number in numbers]
            case "integer" | "number" | "money":
                return self.numbers(rng, rows)
        raise NotImplementedError(self.p.kind)

    def numbers(self, rng: np.random.Generator, rows: int) -> list[object]:
        low = -3 if self.p.minimum is None else int(self.p.minimum)
        high = low + 40 if self.p.maximum is None else int(self.p.maximum)
        high = MOST.get(self.p.name, high)
        scale = {"money": 2_500, "number": 0.5}.get(self.p.kind, 1)
        return [int(i) * scale for i in rng.integers(low, high + 1, rows)]


def instants(rng: np.random.Generator, rows: int) -> list[datetime]:
    """Draw times up to `LAST`, which is among them."""
    before = rng.integers(0, SPAN_MILLISECONDS, rows)
    before[:1] = 0
    return [LAST - timedelta(milliseconds=int(b)) for b in before]
