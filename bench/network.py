"""Measures of one network beside networkx, igraph and scipy, in CPU seconds.

    python bench/network.py [--arcs 1000000] [--pivots 512] [--seed 7]

A network by R-MAT, as skewed as replies are. Every measurement has a process of its own, which
makes the library's own form of the network before the clock starts. Compilation is shown apart:
ours is compiled once a machine and loaded afterwards. networkx is left out where it would take
longer than all others together.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from apart import Measured, Work, measured  # type: ignore[import-not-found]  # lies beside
from arcs import skewed  # type: ignore[import-not-found]  # lies beside this script

from algorithms.network.digraph import Digraph, Floats, digraph_of

# what a library makes of a network is its own affair
Form = Any
Ask = Callable[[Form], Form]

PAGERANK, HITS, WEAK, STRONG = "PageRank", "HITS", "components, weak", "components, strong"
CORES, CLUSTERING, BETWEENNESS = "core numbers", "clustering", "betweenness"
TOLERANCE = 1e-9


def kith(digraph: Digraph, *, pivots: int, seed: int) -> Mapping[str, Ask]:
    """Return our measures; each is asked once of two people, so that it is compiled."""
    from algorithms.network import components, cores, hits, pagerank
    from algorithms.network.betweenness import betweenness, chosen_pivots
    from algorithms.network.clustering import clustering

    drawn = chosen_pivots(digraph, pivots, seed=seed)
    two = digraph_of([0, 1], [1, 0], n=2)
    for compile_it in (betweenness, clustering, cores.core_numbers):
        compile_it(two)
    return {
        PAGERANK: lambda d: pagerank.pagerank(d, tolerance=TOLERANCE),
        HITS: lambda d: hits.hits(d, tolerance=TOLERANCE).authorities,
        WEAK: lambda d: components.components(d).max() + 1,
        STRONG: lambda d: components.components(d, strong=True).max() + 1,
        CORES: cores.core_numbers,
        CLUSTERING: clustering,
        BETWEENNESS: lambda d: betweenness(d, pivots=drawn),
    }


def igraph(digraph: Digraph, *, pivots: int, seed: int) -> Mapping[str, Ask]:
    """Return those of igraph."""
    from algorithms.network.betweenness import chosen_pivots

    drawn = chosen_pivots(digraph, pivots, seed=seed).tolist()
    scale = np.count_nonzero(digraph.out_degree) / max(len(drawn), 1)
    return {
        PAGERANK: lambda g: g.pagerank(),
        HITS: lambda g: _shares(g.authority_score()),
        WEAK: lambda g: len(g.connected_components("weak")),
        STRONG: lambda g: len(g.connected_components("strong")),
        CORES: lambda g: _ties(g).coreness(),
        CLUSTERING: lambda g: _ties(g).transitivity_local_undirected(mode="zero"),
        BETWEENNESS: lambda g: np.array(g.betweenness(sources=drawn)) * scale,
    }


def _ties(network: Form) -> Form:
    return network.as_undirected(mode="collapse")


def networkx(digraph: Digraph, **_: int) -> Mapping[str, Ask]:
    """Return those of networkx that end in time."""
    import networkx as nx

    tolerance = TOLERANCE / digraph.n  # it stops at the number of people times this
    return {
        PAGERANK: lambda g: _listed(nx.pagerank(g, tol=tolerance, max_iter=1_000)),
        HITS: lambda g: _listed(nx.hits(g, tol=TOLERANCE)[1]),
        WEAK: nx.number_weakly_connected_components,
        STRONG: nx.number_strongly_connected_components,
        CORES: lambda g: _listed(nx.core_number(g.to_undirected())),
    }


def scipy(digraph: Digraph, **_: int) -> Mapping[str, Ask]:
    """Return what scipy has."""
    from scipy.sparse.csgraph import connected_components
    from scipy.sparse.linalg import svds

    start = np.full(digraph.n, 1 / digraph.n)
    return {
        HITS: lambda a: _shares(np.abs(svds(a, k=1, v0=start, tol=TOLERANCE)[2][0])),
        WEAK: lambda a: connected_components(a, connection="weak")[0],
        STRONG: lambda a: connected_components(a, connection="strong")[0],
    }


PEERS: Mapping[str, Callable[..., Mapping[str, Ask]]] = {
    "kith": kith,
    "igraph": igraph,
    "networkx": networkx,
    "scipy": scipy,
}


def form_of(peer: str, digraph: Digraph) -> Form:
    """Return the network as a library wants it."""
    if peer == "scipy":
        return digraph.outward()
    if peer == "kith":
        return digraph
    import igraph
    import networkx as nx

    arcs = zip(digraph.source.tolist(), digraph.target.tolist(), strict=True)
    if peer == "igraph":
        return igraph.Graph(n=digraph.n, edges=list(arcs), directed=True)
    network = nx.DiGraph()
    network.add_nodes_from(range(digraph.n))
    network.add_edges_from(arcs)
    return network


def _shares(values: Form) -> Floats:
    found = np.asarray(values, dtype=np.float64)
    shares: Floats = found / found.sum()
    return shares


def _listed(values: Mapping[int, float]) -> list[float]:
    return [values[person] for person in range(len(values))]


def asking(peer: str, question: str, *, options: argparse.Namespace) -> Work:
    """Get ready to ask a library one question; the answer is CPU seconds and values."""
    digraph = skewed(options.arcs, seed=options.seed)
    ask = PEERS[peer](digraph, pivots=options.pivots, seed=options.seed)[question]
    form = form_of(peer, digraph)

    def work() -> tuple[float, Floats]:
        began = time.process_time()
        found = ask(form)
        return time.process_time() - began, np.asarray(found, dtype=np.float64)

    return work


def gathering(*, options: argparse.Namespace) -> Work:
    """Get ready to gather arcs in any order into a network."""
    digraph = skewed(options.arcs, seed=options.seed)
    order = np.random.default_rng(options.seed).permutation(digraph.m)
    source, target = digraph.source[order], digraph.target[order]

    def work() -> tuple[float, Floats]:
        began = time.process_time()
        found = digraph_of(source, target, n=digraph.n)
        return time.process_time() - began, np.array([found.n, found.m], dtype=np.float64)

    return work


def compiling() -> Work:
    """Get ready to ask every compiled measure once."""

    def work() -> tuple[float, float]:
        began = time.perf_counter()
        import numba

        loaded = time.perf_counter()
        kith(digraph_of([0, 1], [1, 0], n=2), pivots=1, seed=1)
        del numba
        return loaded - began, time.perf_counter() - loaded

    return work


def show_compilation() -> None:
    """Print what compilation costs, with nothing kept and with all of it."""
    with tempfile.TemporaryDirectory() as kept:
        os.environ["NUMBA_CACHE_DIR"] = kept
        costs = [measured(compiling).answer for _ in range(2)]
        del os.environ["NUMBA_CACHE_DIR"]
    print("\n| compiled kernels | import numba, s | all kernels, s |\n|---|---|---|")
    for name, (imported, ready) in zip(("compiled", "loaded"), costs, strict=True):
        print(f"| {name} | {imported:.2f} | {ready:.2f} |")


def show_measures(options: argparse.Namespace) -> None:
    """Print a row a question: seconds and memory of each, and how far others are from us."""
    heads = ["kith MB", *PEERS, "others differ by"]
    print(f"| CPU seconds | {' | '.join(heads)} |\n|{'---|' * (len(heads) + 1)}")
    show(measured(partial(gathering, options=options)), name="gather the arcs")
    questions = [*kith(digraph_of([0], [1], n=2), pivots=1, seed=1)]
    for question in questions:
        found = {
            peer: measured(partial(asking, peer, question, options=options))
            for peer, measures in PEERS.items()
            if question in measures(digraph_of([0], [1], n=2), pivots=1, seed=1)
        }
        show(found.pop("kith"), name=question, others=found)


def show(ours: Measured, *, name: str, others: Mapping[str, Measured] | None = None) -> None:
    """Print one row; differences are the largest, beside the largest value."""
    seconds, values = ours.answer
    cells = [name, f"{ours.megabytes:,.0f}", f"{seconds:.2f}"]
    differ = 0.0
    for peer in [*PEERS][1:]:
        found = (others or {}).get(peer)
        cells.append("" if found is None else f"{found.answer[0]:.2f}")
        if found is not None:
            differ = max(differ, float(np.abs(found.answer[1] - values).max() / values.max()))
    print(f"| {' | '.join([*cells, f'{differ:.0e}' if others else ''])} |", flush=True)


def main() -> None:
    """Measure and print tables in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--arcs", type=int, default=1_000_000)
    parser.add_argument("--pivots", type=int, default=512)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    digraph = skewed(options.arcs, seed=options.seed)
    print(f"{digraph.n:,} people, {digraph.m:,} arcs, betweenness from {options.pivots} pivots\n")
    show_measures(options)
    show_compilation()


if __name__ == "__main__":
    main()
