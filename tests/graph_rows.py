"""Rows for every element of the graph, made of values that are easily lost on the way."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from graph.columns import END, START, properties_by_column, schema_of
from graph.properties import Kind
from graph.spec import Element, GraphSpec, NodeSpec, PropertySpec, RelationshipSpec

N_ROWS = 13

TEXTS = (
    "小明 😀 Ａｂｃ",
    "",
    None,
    'she said "no"',
    "back\\slash\\",
    "two\nlines",
    "a;b,c|d",
    "\ttab at the start",
    "it's; DROP",
    " padded ",
    "null",
    "-0",
    "x" * 10_000,
)
# Values of every kind that a type conversion, CSV or a missing case would change. Thirteen
# each, a prime, so that two columns of one row differ in where their nulls fall.
VALUES: Mapping[Kind, Sequence[object]] = {
    "key": [f'k:{i} 键 "{i}" \\ , ;' for i in range(N_ROWS)],
    "text": TEXTS,
    "code": [f"code_{i}" if i % 3 else None for i in range(N_ROWS)],
    "json": ['{"颜色": "红;蓝", "q": "\\"x\\""}', None, "{}", *['{"a": "b\\nc"}'] * 10],
    "time": [
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(1900, 1, 1, tzinfo=UTC),
        None,
        datetime(2026, 3, 1, 15, 59, 59, 999_000, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 1_000, tzinfo=UTC),
        *[datetime(2026, 3, d, 16, 0, 0, 1_000 * d, tzinfo=UTC) for d in range(1, 9)],
    ],
    "date": [date(1970, 1, 1), date(1899, 12, 31), None, *[date(2026, 2, d) for d in range(1, 11)]],
    "integer": [0, -1, None, 2**62, *range(9)],
    "number": [0.0, -0.0, None, 1e-7, 1e300, -2.5, 0.1, 100.0, 1 / 3, 1e16, -1e-300, 5e-324, 7.0],
    # the largest is the last that currency units hold to the ten-thousandth
    "money": [0, -12_345, None, 1, -1, 8_999_999_999_999_999, 10_000, *[333 * i for i in range(6)]],
    "boolean": [True, False, None, True, True, False, None, True, False, True, None, True, False],
    "texts": [
        ["a;b", 'c"d', "e,f\ng"],
        None,
        ["红=1"],
        ["\\"],
        *[["x", f"y{i}"] for i in range(9)],
    ],
}


def rows_of(element: Element) -> pa.Table:
    """Return thirteen rows of an element with every declared column filled."""
    if isinstance(element, NodeSpec):
        return _table(element, {element.key: keys_of(element)})
    return _table(element, dict(zip((START, END), ends_of(element), strict=True)))


def keys_of(node: NodeSpec) -> list[str]:
    """Return the keys of a label's rows: awkward ones that begin with a source."""
    return [f'shop:{node.label} {i} 键 "{i}" \\ , ;' for i in range(N_ROWS)]


def ends_of(link: RelationshipSpec) -> tuple[list[str], list[str]]:
    """Return distinct pairs of ends; a label that is linked to itself links to its next."""
    return [_key(link.start, i) for i in range(N_ROWS)], [
        _key(link.end, (i + 1) % N_ROWS) for i in range(N_ROWS)
    ]


def _key(label: str, i: int) -> str:
    return f'shop:{label} {i} 键 "{i}" \\ , ;'


def _table(element: Element, identity: Mapping[str, Sequence[object]]) -> pa.Table:
    declared = properties_by_column(element)
    columns = {
        name: identity.get(name) or _values(p, offset=position)
        for position, (name, p) in enumerate(declared.items())
    }
    if isinstance(element, NodeSpec) and element.label == "Identifier":
        columns["kind"] = ["device", "phone", *["device", "email"] * 5, None]
    return pa.table(columns, schema=schema_of(declared))


def _values(p: PropertySpec, *, offset: int) -> list[object]:
    """Return the kind's values, begun elsewhere in every column so that nulls do not meet."""
    values = list(VALUES[p.kind])
    return values[offset % N_ROWS :] + values[: offset % N_ROWS]


def all_elements(spec: GraphSpec) -> Iterator[Element]:
    """Yield every label, then every relationship."""
    yield from spec.nodes.values()
    yield from spec.relationships.values()


def written_to(folder: Path, rows: Mapping[str, pa.Table]) -> dict[str, list[Path]]:
    """Write each element's rows as a Parquet file, as a load prepares them."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for name, table in rows.items():
        pq.write_table(table, folder / f"{name}.parquet")
        files[name] = [folder / f"{name}.parquet"]
    return files


def plain(rows: pa.Table) -> list[dict[str, object]]:
    """Return rows as dictionaries in an order that depends on their values alone.

    Floats become their spelling, so that -0.0 is not 0.0.
    """
    spelled = [
        {name: repr(value) if isinstance(value, float) else value for name, value in row.items()}
        for row in rows.to_pylist()
    ]
    return sorted(spelled, key=repr)
