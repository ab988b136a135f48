"""Which group each customer is in, and what becomes of them there.

The current group is a property of the customer, written with all others. Beside it stand the
groups themselves, as ``Segment`` nodes, and a link ``IN_SEGMENT`` for whoever has changed from
one to another: a million links onto eight nodes would take a minute and say what the property
says already. Who was in none, new or not scored since a merge, has moved from nowhere: a merge
that is undone leaves no trace.

Nothing here is lost when a run is cut off. Links to new groups are written before the
properties change, links to old ones go afterwards, and a scheme counts as published once its
nodes stand, which the first time is at the very end. Whatever was done of that is found and
completed when the run is made again, though facts may have changed in between.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from algorithms.contract import Algorithm, Group
from algorithms.publish import Change, Held, Place, change_of, values_in
from algorithms.reduction import registered
from graph.columns import END, START, TIME, as_declared, properties_by_column, schema_of
from graph.elements import read_element
from graph.spec import GraphSpec, PropertySpec
from graph.tally import count_relationships

NODE = "Segment"
LINK = "Customer-IN_SEGMENT-Segment"

Groups = Mapping[str, Mapping[str, Group]]
Tables = Mapping[str, pa.Table]

MOVES = """
SELECT
    c.customer_id AS start_id,
    '{scheme}:' || CAST(c."{scheme}" AS VARCHAR) AS end_id,
    CAST(h."{scheme}" AS VARCHAR) AS previous
FROM changed c
JOIN held h ON c.customer_id = h.customer_id
WHERE c."{scheme}" IS NOT NULL AND c."{scheme}" <> h."{scheme}"
"""
LEFT = """
SELECT l.start_id, l.end_id
FROM links l
LEFT JOIN found f ON l.start_id = f.customer_id
WHERE split_part(l.end_id, ':', 1) = '{scheme}'
    AND '{scheme}:' || CAST(f."{scheme}" AS VARCHAR) IS DISTINCT FROM l.end_id
"""


@dataclass(frozen=True)
class History:
    """What has to be written before the properties of customers, and what after them."""

    before: Sequence[Change] = ()
    after: Sequence[Change] = ()

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """Return how many of each element are new, changed, removed and unchanged."""
        total: dict[str, dict[str, int]] = {}
        for change in (*self.before, *self.after):
            of_element = total.setdefault(change.element.name, {})
            for what, n in change.counts.items():
                of_element[what] = of_element.get(what, 0) + n
        return total


def segments_of(
    algorithm: Algorithm, tables: Tables, *, groups: Groups, spec: GraphSpec
) -> pa.Table:
    """Return the segments of an algorithm's schemes with their numbers of customers.

    Parameters
    ----------
    algorithm
        Its ``segments`` are the schemes.
    tables
        Its results; ``Customer`` holds the schemes as columns.
    groups
        What it says of the segments, by scheme and name.
    spec
        The graph.

    Returns
    -------
    One row a segment that has a member, that the algorithm describes, or that is a declared
    code of the property; ordered by ``segment_id``. A scheme that places nobody has none, and
    whoever it places afterwards has not changed.
    """
    rows = [
        _row(scheme, name, n=n, group=groups.get(scheme, {}).get(name))
        for scheme in algorithm.segments
        for name, n in _members(algorithm, tables, scheme=scheme, groups=groups).items()
    ]
    properties = properties_by_column(spec.nodes[NODE])
    ordered = sorted(rows, key=lambda row: str(row["segment_id"]))
    return pa.Table.from_pylist(ordered, schema=schema_of(properties))


def _members(
    algorithm: Algorithm, tables: Tables, *, scheme: str, groups: Groups
) -> dict[str, int]:
    """Return the number of customers of each segment, those without one included."""
    declared = next(p for p in algorithm.properties["Customer"] if p.name == scheme)
    found = pc.value_counts(_names(tables["Customer"], scheme).drop_null()).to_pylist()
    known = dict.fromkeys([*declared.codes, *groups.get(scheme, {})], 0) if found else {}
    return known | {str(each["values"]): int(each["counts"]) for each in found}


def _row(scheme: str, name: str, *, n: int, group: Group | None) -> dict[str, object]:
    profile = json.dumps(group.profile, sort_keys=True, ensure_ascii=False) if group else "{}"
    return {
        "segment_id": f"{scheme}:{name}",
        "scheme": scheme,
        "name": name,
        "label_en": group.label.en if group else name,
        "label_zh": group.label.zh if group else name,
        "n": n,
        "profile": profile,
    }


def stored_segments(algorithm: Algorithm, *, place: Place) -> pa.Table:
    """Return what the graph holds of an algorithm's segments, as `segments_of` returns them."""
    rows = read_element(place.database, place.spec, name=NODE)
    return rows.filter(pc.is_in(rows["scheme"], pa.array(algorithm.segments, pa.string())))


def held_segments(algorithm: Algorithm, *, place: Place) -> Held:
    """Return how many values the graph holds of an algorithm's segments; see `held_in`."""
    if not algorithm.segments:
        return {}
    return {NODE: values_in(stored_segments(algorithm, place=place), place.spec.nodes[NODE])}


def history_of(
    algorithm: Algorithm,
    tables: Tables,
    *,
    changes: Sequence[Change],
    place: Place,
    as_of: datetime,
) -> History:
    """Compare an algorithm's segments, and who is in them, with what the graph holds.

    Parameters
    ----------
    algorithm
        Its ``segments`` are the schemes.
    tables
        Its results, ``Segment`` among them.
    changes
        What is to be written of the results; that of customers knows where they were.
    place
        The graph.
    as_of
        Since when those who move are where they now are.

    Returns
    -------
    Nothing to write for customers whose segment stays. A scheme of which the graph holds no
    segment is new: of it only the segments are written, after everything else.
    """
    if not algorithm.segments:
        return History()
    found, stored = tables[NODE], stored_segments(algorithm, place=place)
    known = [scheme for scheme in algorithm.segments if scheme in stored["scheme"].to_pylist()]
    is_known = pc.is_in(found["scheme"], pa.array(known, pa.string()))
    kept = _compared(found.filter(is_known), stored, place=place)
    added = _compared(found.filter(pc.invert(is_known)), stored.slice(0, 0), place=place)
    moves = _moves(changes, known, as_of=as_of, place=place)
    left = _left(tables["Customer"], known, place=place)
    nothing = kept.gone.slice(0, 0)
    before = [replace(kept, gone=nothing), _links(moves, left.slice(0, 0), place=place)]
    after = [_links(moves.slice(0, 0), left, place=place), _removals(kept), added]
    return History(before, after)


def _compared(found: pa.Table, stored: pa.Table, *, place: Place) -> Change:
    node = place.spec.nodes[NODE]
    return change_of(node, found, old=stored, connection=place.connection, is_made=True)


def _removals(change: Change) -> Change:
    """Return only what goes; it is counted where the rest is written."""
    return replace(change, rows=change.rows.slice(0, 0), counts={})


def _links(new: pa.Table, gone: pa.Table, *, place: Place) -> Change:
    counts = {"new": new.num_rows, "changed": 0, "removed": gone.num_rows, "unchanged": 0}
    return Change(place.spec.relationships[LINK], new, gone, counts, is_whole=True)


def _moves(
    changes: Iterable[Change], schemes: Sequence[str], *, as_of: datetime, place: Place
) -> pa.Table:
    """Return the links of customers whose segment changes to one that there is."""
    (customers,) = (change for change in changes if change.element.name == "Customer")
    tables = {"changed": customers.rows, "held": customers.stored}
    rows = _united([MOVES.format(scheme=s) for s in schemes], tables, place=place)
    since = pa.array([as_of] * rows.num_rows, TIME)
    return as_declared(rows.append_column("since", since), _columns(place.spec))


def _left(customers: pa.Table, schemes: Sequence[str], *, place: Place) -> pa.Table:
    """Return the links that lead to another segment than the one that a customer is in."""
    link = place.spec.relationships[LINK]
    ends = {name: _columns(place.spec)[name] for name in (START, END)}
    # the walk goes by every customer, and mostly there is nothing to see
    if not count_relationships(place.database, link):
        return schema_of(ends).empty_table()
    held = read_element(place.database, place.spec, name=LINK, columns=[START, END])
    tables = {"found": customers, "links": held}
    rows = _united([LEFT.format(scheme=s) for s in schemes], tables, place=place)
    return as_declared(rows, ends)


def _united(queries: Sequence[str], tables: Tables, *, place: Place) -> pa.Table:
    """Return the rows of all queries; of none, no rows of the links' columns."""
    if not queries:
        return schema_of(_columns(place.spec)).empty_table().drop_columns(["since"])
    with registered(place.connection, tables):
        return place.connection.sql(" UNION ALL ".join(queries)).to_arrow_table()


def _columns(spec: GraphSpec) -> dict[str, PropertySpec]:
    return properties_by_column(spec.relationships[LINK])


def _names(customers: pa.Table, scheme: str) -> pa.ChunkedArray:
    """Return the segment of each customer as text: clusters have numbers."""
    return customers[scheme].cast(pa.string())
