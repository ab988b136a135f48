"""Measures of a network that lies in Neo4j, read once, computed and written back, beside GDS.

    python bench/network_graph.py [--people 1000000] [--arcs 5000000] [--samples 64] [--seed 7]

Each pair of people is as likely to be joined. kith reads the arcs once, over Bolt; GDS projects
them inside the server. PageRank: ours until it moves by less than 1e-9, theirs by 20 steps.
Both estimate betweenness from the same number of people, and circles are one run of Leiden, with
the modularity that it reached. What is compiled while it runs is shown apart: each side first
writes a column that is not counted. Run it on an empty home of its own, whose graph it replaces.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from arcs import formless  # type: ignore[import-not-found]  # lies beside this script
from gds import UnavailableError, served  # type: ignore[import-not-found]  # as this one

from algorithms.network.digraph import Digraph, Floats, Numbers, digraph_of
from algorithms.network.partitions import modularity
from algorithms.rollup import REPLIED_TO_LINK
from graph.importer import import_all
from graph.language import Text
from graph.reader import GraphReader
from graph.server import stop
from graph.server.paths import paths_of
from graph.session import Database, connect
from graph.settings import Settings, read_settings
from graph.spec import GraphSpec, PropertySpec, fact_spec
from graph.writer import Writer

ARCS = REPLIED_TO_LINK.name
PROPERTIES = [
    PropertySpec("bench_degree", "number", Text("Degree", "度")),
    PropertySpec("bench_pagerank", "number", Text("PageRank", "PageRank")),
    PropertySpec("bench_betweenness", "number", Text("Betweenness", "中介中心性")),
    PropertySpec("bench_circle", "integer", Text("Circle", "圈子")),
]
PROJECT = {
    "directed": "CALL gds.graph.project('directed', 'Customer', 'REPLIED_TO') "
    "YIELD projectMillis RETURN projectMillis",
    "both ways": "CALL gds.graph.project('both ways', 'Customer', "
    "{REPLIED_TO: {orientation: 'UNDIRECTED'}}) YIELD projectMillis RETURN projectMillis",
}
GDS = {
    "degree": "CALL gds.degree.write('directed', {writeProperty: 'gds_degree'}) ",
    "pagerank": "CALL gds.pageRank.write('directed', {writeProperty: 'gds_pagerank'}) ",
    "betweenness": "CALL gds.betweenness.write('directed', "
    "{writeProperty: 'gds_betweenness', samplingSize: $samples, samplingSeed: $seed}) ",
    "circle": "CALL gds.leiden.write('both ways', "
    "{writeProperty: 'gds_circle', randomSeed: $seed}) ",
}
MILLISECONDS = "YIELD computeMillis, writeMillis{more} RETURN computeMillis, writeMillis{more}"


@dataclass(frozen=True, slots=True)
class Seconds:
    """What one measure cost."""

    compute: float
    write: float
    cpu: float | None = None
    modularity: float | None = None

    @property
    def both(self) -> float:
        """Return computing and writing together."""
        return self.compute + self.write


@dataclass(frozen=True)
class Replies:
    """The network in the graph, and who is who in it."""

    keys: pa.Array
    digraph: Digraph

    @cached_property
    def ties(self) -> Digraph:
        """Return the network without directions."""
        return self.digraph.undirected()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--arcs", type=int, default=5_000_000)
    parser.add_argument("--samples", type=int, default=64)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--home", type=Path)
    options = parser.parse_args()
    home = options.home or Path(tempfile.mkdtemp(prefix="kith-bench-"))
    settings = read_settings(home=home)
    spec = fact_spec().with_computed({"Customer": PROPERTIES}, [REPLIED_TO_LINK])
    try:
        fill(settings, spec, options=options)
        show_compilation()
        with connect(settings) as database:
            ours = measure_kith(database, spec, settings=settings, options=options)
    finally:
        stop(settings)
    show(ours, theirs=dict(measure_gds(settings, options)))


def fill(settings: Settings, spec: GraphSpec, *, options: argparse.Namespace) -> None:
    """Replace the graph by a made network."""
    digraph = formless(options.people, m=options.arcs, seed=options.seed)
    keys = pa.array([f"C{person:08d}" for person in range(digraph.n)])
    ends = [keys.take(pa.array(one)) for one in (digraph.source, digraph.target)]
    tables = {
        "Customer": pa.table({"customer_id": keys}),
        ARCS: pa.table(
            {"start_id": ends[0], "end_id": ends[1], "n": digraph.weight.astype(np.int64)}
        ),
    }
    files = {name: [settings.tmp / f"{name}.parquet"] for name in tables}
    for name, table in tables.items():
        pq.write_table(table, files[name][0])
    import_all(settings, spec, elements=files, loaded_at=datetime.now(UTC))
    print(f"{digraph.n:,} people, {digraph.m:,} arcs", flush=True)


def show_compilation() -> None:
    """Print how long the first call of what is compiled takes: compiled, or loaded."""
    from algorithms.network.betweenness import betweenness

    began = time.perf_counter()
    betweenness(digraph_of([0, 1], [1, 0], n=2))
    print(f"\nfirst call of a compiled kernel: {time.perf_counter() - began:.1f} s")


def measure_kith(
    database: Database, spec: GraphSpec, *, settings: Settings, options: argparse.Namespace
) -> Mapping[str, Seconds]:
    """Read, compute and write; print what reading costs."""
    from algorithms.network.betweenness import betweenness, chosen_pivots
    from algorithms.network.leiden import leiden
    from algorithms.network.pagerank import pagerank

    began = time.perf_counter()
    replies = read(GraphReader(database, spec, settings=settings, timezone="Asia/Shanghai"))
    print(f"kith reads the network once: {time.perf_counter() - began:.1f} s", flush=True)
    digraph, seed = replies.digraph, options.seed
    began = time.perf_counter()
    ties = replies.ties
    print(f"kith makes it a network both ways: {time.perf_counter() - began:.1f} s", flush=True)
    measures: Mapping[str, Callable[[], Floats | Numbers]] = {
        "degree": lambda: digraph.in_degree.astype(np.float64),
        "pagerank": lambda: pagerank(digraph),
        "betweenness": lambda: betweenness(
            digraph, pivots=chosen_pivots(digraph, options.samples, seed=seed)
        ),
        "circle": lambda: leiden(ties, seed=seed),
    }
    writer = Writer(database, spec)
    return {
        name: timed(name, ask, writer=writer, replies=replies) for name, ask in measures.items()
    }


def read(reader: GraphReader) -> Replies:
    """Read who replied to whom."""
    keys = reader.element("Customer", ["customer_id"])["customer_id"].combine_chunks()
    keys = keys.take(pc.sort_indices(keys))
    rows = reader.element(ARCS, ["start_id", "end_id", "n"])
    source, target = (pc.index_in(rows[end], value_set=keys) for end in ("start_id", "end_id"))
    n = len(keys)
    return Replies(keys, digraph_of(source, target, n=n, weight=rows["n"]))


def timed(
    name: str, ask: Callable[[], Floats | Numbers], *, writer: Writer, replies: Replies
) -> Seconds:
    """Compute and write one property of everybody."""
    began, cpu = time.perf_counter(), time.process_time()
    values = ask()
    computed, cpu = time.perf_counter(), time.process_time() - cpu
    rows = pa.table({"customer_id": replies.keys, f"bench_{name}": values})
    writer.set_properties(writer.spec.nodes["Customer"], rows)
    written = time.perf_counter() - computed
    found = modularity(replies.ties, values.astype(np.int64)) if name == "circle" else None
    return Seconds(computed - began, written, cpu, found)


def measure_gds(settings: Settings, options: argparse.Namespace) -> Iterator[tuple[str, Seconds]]:
    """Yield what GDS costs; nothing, and the reason printed, where it is not to be had."""
    with suppress(UnavailableError), served(settings, paths_of(settings)) as database:
        for name, query in PROJECT.items():
            (row,) = database.run_auto(query).rows
            print(f"GDS projects the network, {name}: {row['projectMillis'] / 1000:.1f} s")
        for name, query in GDS.items():
            asked = {"samples": options.samples, "seed": options.seed}
            wanted = MILLISECONDS.format(more=", modularity" if name == "circle" else "")
            (row,) = database.run_auto(query + wanted, asked).rows
            took = row["computeMillis"] / 1000, row["writeMillis"] / 1000
            yield name, Seconds(*took, modularity=row.get("modularity"))
        return
    print("GDS could not be fetched: no peer in this run")


def show(ours: Mapping[str, Seconds], *, theirs: Mapping[str, Seconds]) -> None:
    """Print what the first write of each side took, then a row a measure."""
    warm = f"first column written, not counted: kith {ours['degree'].write:.1f} s"
    print(f"{warm}, GDS {theirs['degree'].write:.1f} s" if theirs else warm)
    print("\n| seconds | kith compute | CPU | write | GDS compute | write | both, GDS / kith |")
    print("|---|---|---|---|---|---|---|")
    for name, mine in list(ours.items())[1:]:
        cells = [f"{mine.compute:.1f}", f"{mine.cpu or 0:.1f}", f"{mine.write:.1f}"]
        if peer := theirs.get(name):
            cells += [f"{peer.compute:.1f}", f"{peer.write:.1f}", f"{peer.both / mine.both:.1f}"]
        print(f"| {name} | {' | '.join(cells)} |")
    reached = [f"{side['circle'].modularity or 0:.3f}" for side in (ours, theirs) if side]
    print(f"\nmodularity of the circles, kith and GDS: {', '.join(reached)}")


if __name__ == "__main__":
    main()
