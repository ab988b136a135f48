"""Writes into the graph: columns in batches, never a record at a time.

Rows are Arrow tables of an element's columns: a node's key and properties, or ``start_id``,
``end_id`` and a relationship's properties. A write touches the columns that the rows have
and no other; a null removes the property. Every statement may be repeated, and the session
repeats those that met another writer. Nothing here has a time limit.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from graph import statements
from graph.batches import Job, OnRows, apart, halves, run_lanes
from graph.columns import END, START, fitted, identity_of, milliseconds, properties_by_column
from graph.errors import GraphError, some
from graph.language import Text
from graph.session import Database
from graph.spec import Element, GraphSpec, NodeSpec, RelationshipSpec

# Measured on two cores: larger batches gain little and hold their locks for longer.
ROWS_AT_ONCE = 10_000
VALUES_AT_ONCE = 20_000
KEYS_AT_ONCE = 5_000

Stamp = Mapping[str, datetime]


class MissingNodesError(GraphError):
    """Rows name nodes that the graph does not hold; the other rows were written."""

    text = Text(
        "{missing} of {total} rows of {element} name nodes that the graph does not hold "
        "(first: {keys}). Write the nodes first; after an interrupted load, repeat it.",
        "{element} 的 {total} 行中有 {missing} 行指向图中不存在的节点（例如：{keys}）。"
        "请先写入节点；若装载曾中断，请重新装载。",
    )


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes elements of one spec into one database, whose constraints must be installed.

    Parameters
    ----------
    database
        Where to.
    spec
        The declared nodes and relationships, computed ones included.
    on_rows
        Called with the number of rows of each batch that is done, one call at a time.
    """

    database: Database
    spec: GraphSpec
    on_rows: OnRows | None = None

    def write_nodes(self, node: NodeSpec, rows: pa.Table, *, stamp: Stamp | None = None) -> int:
        """Create nodes, or update those whose key exists.

        Parameters
        ----------
        node
            The label.
        rows
            The key and any of the declared properties.
        stamp
            Times to set on every node, by property: when a load wrote it.

        Returns
        -------
        The number of rows written.

        Raises
        ------
        UndeclaredColumnError
            If a column is not declared or the key is missing.
        """
        parts = _by_extra_label(node, fitted(node, rows))
        return sum(
            self._write_nodes(node, part, stamps=stamp or {}, label=label)
            for label, part in parts.items()
        )

    def set_properties(self, node: NodeSpec, rows: pa.Table) -> int:
        """Set properties of nodes that exist; a null removes one.

        Returns
        -------
        The number of nodes.

        Raises
        ------
        MissingNodesError
            If a key has no node; the others are written.
        UndeclaredColumnError
            If a column is not declared or the key is missing.
        """
        rows = fitted(node, rows)
        query = statements.set_properties(node, rows.column_names)
        lanes = halves(rows, most_rows=VALUES_AT_ONCE)
        found = run_lanes(lanes, self._counted(_job(query, node)), on_rows=self.on_rows)
        self._expect(found, rows, element=node)
        return found

    def stamp_nodes(self, node: NodeSpec, keys: pa.ChunkedArray, *, stamp: Stamp) -> int:
        """Set times on nodes by their keys; absent ones are no error.

        Returns
        -------
        The number of nodes that were found.
        """
        rows = fitted(node, pa.table({node.key: keys}))
        work = self._counted(_job(statements.stamp_nodes(node, stamp), node, stamps=stamp))
        return run_lanes(halves(rows, most_rows=ROWS_AT_ONCE), work, on_rows=self.on_rows)

    def write_relationships(
        self, link: RelationshipSpec, rows: pa.Table, *, stamp: Stamp | None = None
    ) -> int:
        """Create relationships, or update those with the same ends and key.

        Parameters
        ----------
        link
            The relationship; the nodes at its ends must exist.
        rows
            ``start_id``, ``end_id``, the key if there is one, and any declared properties.
        stamp
            Times to set on the start nodes, in the same transactions.

        Returns
        -------
        The number of rows written.

        Raises
        ------
        MissingNodesError
            If an end does not exist; the other rows are written.
        UndeclaredColumnError
            If a column is not declared or an identifying one is missing.
        """
        rows = fitted(link, rows)
        query = statements.merge_relationships(
            link, rows.column_names, ends=self._ends(link), stamps=stamp or {}
        )
        lanes = apart(rows, most_rows=ROWS_AT_ONCE)
        work = self._counted(_job(query, link, stamps=stamp))
        found = run_lanes(lanes, work, on_rows=self.on_rows)
        self._expect(found, rows, element=link)
        return found

    def delete_relationships(
        self, link: RelationshipSpec, rows: pa.Table, *, stamp: Stamp | None = None
    ) -> int:
        """Delete relationships by ``start_id``, ``end_id`` and key; absent ones are no error.

        ``stamp`` sets times on the start nodes of those deleted, in the same transactions.

        Returns
        -------
        The number of relationships that were deleted.
        """
        rows = fitted(link, rows).select(list(identity_of(link)))
        query = statements.delete_relationships(link, ends=self._ends(link), stamps=stamp or {})
        job = _job(query, link, stamps=stamp)

        def deleted(batch: pa.Table) -> int:
            return job.run(self.database, batch).counts.get("relationships_deleted", 0)

        return run_lanes(apart(rows, most_rows=ROWS_AT_ONCE), deleted, on_rows=self.on_rows)

    def delete_nodes(self, node: NodeSpec, keys: Collection[str] | pa.ChunkedArray) -> int:
        """Delete nodes and all their relationships; absent keys are no error.

        Relationships go first, in transactions of bounded size: one account may have millions.

        Returns
        -------
        The number of nodes that were deleted.
        """
        column = keys if isinstance(keys, pa.ChunkedArray) else pa.array(list(keys), pa.string())
        rows = fitted(node, pa.table({node.key: column}))
        drop = _job(statements.drop_relationships(node), node)
        delete = _job(statements.delete_nodes(node), node)

        def deleted(batch: pa.Table) -> int:
            while drop.run(self.database, batch).rows[0]["n"] == statements.DROP_AT_ONCE:
                pass
            return delete.run(self.database, batch).counts.get("nodes_deleted", 0)

        # one writer: neighbours lie in other batches, and two would wait for each other
        batches = [batch for lane in halves(rows, most_rows=KEYS_AT_ONCE) for batch in lane]
        return run_lanes([batches], deleted, on_rows=self.on_rows)

    def _write_nodes(self, node: NodeSpec, part: pa.Table, *, stamps: Stamp, label: str) -> int:
        query = statements.merge_nodes(node, part.column_names, stamps=stamps, extra_label=label)
        lanes = halves(part, most_rows=ROWS_AT_ONCE)
        work = self._counted(_job(query, node, stamps=stamps))
        return run_lanes(lanes, work, on_rows=self.on_rows)

    def _counted(self, job: Job) -> Callable[[pa.Table], int]:
        """Return what runs a job's statement over a batch and gives the rows it reached."""
        return lambda batch: int(job.run(self.database, batch).rows[0]["n"])

    def _ends(self, link: RelationshipSpec) -> tuple[NodeSpec, NodeSpec]:
        return self.spec.nodes[link.start], self.spec.nodes[link.end]

    def _expect(self, found: int, rows: pa.Table, *, element: Element) -> None:
        """Refuse a write that reached fewer nodes than it named."""
        if found == rows.num_rows:
            return
        if isinstance(element, NodeSpec):
            named = {element.key: element}
        else:
            named = dict(zip((START, END), self._ends(element), strict=True))
        absent = [key for column, node in named.items() for key in self._absent(node, rows[column])]
        raise MissingNodesError(
            missing=rows.num_rows - found,
            total=rows.num_rows,
            element=element.name,
            keys=some(absent[:5]),
        )

    def _absent(self, node: NodeSpec, keys: pa.ChunkedArray) -> list[str]:
        """Return the first few of ``keys`` that have no node."""
        query = statements.missing_keys(node, at_most=5)
        distinct = pc.unique(keys)
        for start in range(0, len(distinct), VALUES_AT_ONCE):
            part = distinct.slice(start, VALUES_AT_ONCE).to_pylist()
            if found := self.database.read(query, {"keys": part}):
                return [str(row["key"]) for row in found]
        return []


def _job(query: str, element: Element, *, stamps: Stamp | None = None) -> Job:
    constants = {
        f"{statements.STAMP}{name}": milliseconds(at) for name, at in (stamps or {}).items()
    }
    return Job(query, properties_by_column(element), constants)


def _by_extra_label(node: NodeSpec, rows: pa.Table) -> dict[str, pa.Table]:
    """Return the rows of each second label; those without one under the empty name."""
    extra = statements.EXTRA_LABELS.get(node.label)
    if extra is None or extra.column not in rows.column_names:
        return {"": rows}
    has_it = pc.fill_null(pc.equal(rows[extra.column], extra.value), fill_value=False)
    return {"": rows.filter(pc.invert(has_it)), extra.label: rows.filter(has_it)}
