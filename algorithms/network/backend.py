"""The engine as a backend of networkx: the same questions, asked of a networkx graph.

Named as an entry point ``networkx.backends`` it answers ``networkx.pagerank(graph,
backend="kith")``, and networkx's own tests can be run against it. What networkx means
differently, or what is not there (loops, parallel edges, starting vectors), is refused, so that
networkx does it by itself.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from inspect import Signature, signature
from typing import Final, cast

import numpy as np

from algorithms.network.components import components
from algorithms.network.hits import hits
from algorithms.network.interchange import ByNode, Graph, Network, graph_of, network_of
from algorithms.network.pagerank import pagerank

# networkx counts restarts of ARPACK, which takes a basis of 20 vectors at a time
LANCZOS: Final = 20


def _pagerank(
    network: Network,
    *,
    alpha: float,
    personalization: Mapping[Hashable, float] | None,
    max_iter: int,
    tol: float,
) -> ByNode:
    """Return shares, or fail as networkx does where so many steps are not enough."""
    if len(network) == 0:
        return {}
    teleport = None
    if personalization is not None:
        teleport = np.array([personalization.get(name, 0) for name in network], dtype=np.float64)
        if teleport.sum() == 0:
            raise ZeroDivisionError
    ask = partial(pagerank, network.digraph, damping=alpha, teleport=teleport)
    last = [ask(iterations=max(max_iter - back, 0)) for back in (1, 0)]
    if max_iter < 1 or np.abs(last[1] - last[0]).sum() >= len(network) * tol:
        raise _not_converged(max_iter)
    return network.named(ask(tolerance=len(network) * tol))


def _not_converged(steps: int) -> Exception:
    import networkx as nx

    error: Exception = nx.PowerIterationFailedConvergence(steps)
    return error


def _hits(network: Network, *, max_iter: int, tol: float) -> tuple[ByNode, ByNode]:
    """Return shares, or fail where they still move after as many steps as networkx may take."""
    digraph, steps = network.digraph, max_iter * LANCZOS
    hubs, authorities = hits(digraph, tolerance=tol, iterations=steps)
    _, before = hits(digraph, tolerance=tol, iterations=steps - 1)
    if max_iter < 1 or np.abs(authorities - before).sum() > tol:
        raise _not_converged(max_iter)
    return network.named(hubs), network.named(authorities)


def _core_number(network: Network) -> ByNode:
    from algorithms.network.cores import core_numbers

    return network.named(core_numbers(network.digraph))


def _clustering(network: Network, *, nodes: object) -> ByNode | float:
    from algorithms.network.clustering import clustering

    found = network.named(clustering(network.digraph))
    if nodes is None:
        return found
    if isinstance(nodes, Hashable) and nodes in network:
        return found[nodes]
    assert isinstance(nodes, Iterable)  # so networkx asks
    return {name: found[name] for name in nodes if name in network}


def _transitivity(network: Network) -> float:
    from algorithms.network.clustering import transitivity

    return transitivity(network.digraph)


def _betweenness_centrality(network: Network, *, normalized: bool) -> ByNode:
    from algorithms.network.betweenness import betweenness

    n = len(network)
    pairs = max((n - 1) * (n - 2), 1)
    scale = 1 / pairs if normalized else 1 if network.directed else 1 / 2
    return network.named(betweenness(network.digraph) * scale)


def _components(network: Network, *, strong: bool = False) -> Iterator[set[Hashable]]:
    """Yield components, the largest first."""
    labels = components(network.digraph, strong=strong)
    order = np.argsort(labels, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(labels[order])) + 1)
    for part in sorted(parts, key=len, reverse=True) if len(network) else []:
        yield {network.names[place] for place in part}


ANSWERS: Final[Mapping[str, Callable[..., object]]] = {
    "pagerank": _pagerank,
    "hits": _hits,
    "core_number": _core_number,
    "clustering": _clustering,
    "transitivity": _transitivity,
    "betweenness_centrality": _betweenness_centrality,
    "connected_components": _components,
    "weakly_connected_components": _components,
    "strongly_connected_components": partial(_components, strong=True),
}
"""Functions of networkx, with those of their parameters that the engine heeds."""

# of digraphs networkx has other definitions of these: degrees both ways, turns of triangles
UNDIRECTED: Final[Collection[str]] = {"core_number", "clustering", "transitivity"}

# What makes no difference any more: the weight is in the arcs since the graph was converted,
# and nothing is drawn where all are searched from.
SETTLED: Final = {"pagerank": {"weight"}, "betweenness_centrality": {"seed"}}


class Backend:
    """What networkx calls: conversion both ways, a question before a call, and the functions."""

    def __getattr__(self, name: str) -> Callable[..., object]:
        if name not in ANSWERS:
            raise AttributeError(name)
        return partial(_answer, name)

    @staticmethod
    def convert_from_nx(
        graph: Graph, *, edge_attrs: Mapping[str, float] | None = None, **_: object
    ) -> Network:
        """Return the arrays of a graph, with the one attribute that is asked for."""
        for weight, default in (edge_attrs or {}).items():
            return network_of(graph, weight=weight, default=default)
        return network_of(graph)

    @staticmethod
    def convert_to_nx(found: object, **_: object) -> object:
        """Return an answer as networkx gives it."""
        return graph_of(found) if isinstance(found, Network) else found

    @staticmethod
    def can_run(name: str, args: Sequence[object], kwargs: Mapping[str, object]) -> bool | str:  # noqa: PLR0917 - networkx calls so
        """Tell whether the engine means the same by a call; else say why not."""
        asked, usual = _bound(name, *args, **kwargs), _defaults(name)
        if name in UNDIRECTED and cast("Graph", asked["G"]).is_directed():
            return "networkx means something else by it where edges have a direction"
        beyond = usual.keys() - _heeded(name) - SETTLED.get(name, set()) - {"G"}
        return ", ".join(sorted(key for key in beyond if asked[key] != usual[key])) or True


def _answer(name: str, *args: object, **kwargs: object) -> object:
    asked = _bound(name, *args, **kwargs)
    heeded = {key: asked[key] for key in _heeded(name)}
    try:
        return ANSWERS[name](asked["G"], **heeded)
    except ValueError as error:
        raise NotImplementedError(str(error)) from None


def _bound(name: str, *args: object, **kwargs: object) -> dict[str, object]:
    """Return the arguments of a call by name, defaults included."""
    bound = _signature(name).bind(*args, **kwargs)
    bound.apply_defaults()
    return {key: bound.arguments[key] for key in _defaults(name)}


def _heeded(name: str) -> set[str]:
    parameters = [*signature(ANSWERS[name]).parameters]
    return {*parameters[1:]} - {"strong"}


def _defaults(name: str) -> dict[str, object]:
    parameters = _signature(name).parameters
    named = {key: one.default for key, one in parameters.items() if one.kind is not one.VAR_KEYWORD}
    named.pop("backend", None)
    return named


def _signature(name: str) -> Signature:
    import networkx as nx

    return signature(getattr(nx, name))


BACKEND: Final = Backend()
