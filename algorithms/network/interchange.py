"""Networks to and from networkx, whose graphs name their nodes and keep dictionaries."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from algorithms.network.digraph import Digraph, Floats, Numbers, digraph_of

if TYPE_CHECKING:
    import networkx as nx

ByNode = dict[Hashable, float]

PARALLEL: Final = "parallel edges"
LOOPS: Final = "loops"


class Graph(Protocol):
    """What is asked of a graph of networkx."""

    def __iter__(self) -> Iterator[Hashable]: ...
    def is_directed(self) -> bool:
        """Tell whether edges have a direction."""

    def is_multigraph(self) -> bool:
        """Tell whether there may be parallel edges."""

    def edges(self, *, data: str, default: float) -> Iterable[tuple[Hashable, Hashable, float]]:
        """Return each edge's ends and an attribute, or the default where it has none."""


@dataclass(frozen=True, eq=False)
class Network:
    """A digraph with the names of its nodes; an undirected one has an arc each way."""

    names: Sequence[Hashable]
    digraph: Digraph
    directed: bool

    __networkx_backend__ = "kith"

    @cached_property
    def place(self) -> Mapping[Hashable, int]:
        """Return the number of each node."""
        return {name: place for place, name in enumerate(self.names)}

    def __len__(self) -> int:
        return len(self.names)

    def __iter__(self) -> Iterator[Hashable]:
        return iter(self.names)

    def __contains__(self, name: Hashable) -> bool:
        return name in self.place

    def is_directed(self) -> bool:
        """Tell whether arcs point one way."""
        return self.directed

    def is_multigraph(self) -> bool:
        """Tell that there are no parallel arcs."""
        return False

    def named(self, values: Floats | Numbers) -> ByNode:
        """Return values by the names of the nodes."""
        return dict(zip(self.names, values.tolist(), strict=True))


def network_of(graph: Graph, *, weight: str | None = None, default: float = 1) -> Network:
    """Turn a graph of networkx into arrays.

    Parameters
    ----------
    graph
        Without parallel edges and without loops.
    weight, default
        The attribute that weighs edges, and what stands for a missing one; None: 1 each.

    Raises
    ------
    NotImplementedError
        If the graph has what the engine does not know.
    """
    if graph.is_multigraph():
        raise _beyond(PARALLEL)
    names = list(graph)
    place = {name: number for number, name in enumerate(names)}
    # no attribute is called "": the default stands for all
    edges = graph.edges(data=weight or "", default=default if weight else 1)
    rows = [(place[one], place[other], value) for one, other, value in edges]
    source, target, value = np.array(rows, dtype=np.float64).reshape(-1, 3).T
    if (source == target).any():
        raise _beyond(LOOPS)
    if not graph.is_directed():
        source, target = np.append(source, target), np.append(target, source)
        value = np.tile(value, 2)
    try:
        digraph = digraph_of(source, target, n=len(names), weight=value)
    except ValueError as error:
        raise _beyond(str(error)) from None
    return Network(names, digraph, graph.is_directed())


def _beyond(problem: str) -> NotImplementedError:
    return NotImplementedError(f"the engine of kith does not take {problem}")


def graph_of(network: Network) -> "nx.Graph":
    """Return a network as a graph of networkx, weighted."""
    import networkx as nx

    graph = nx.DiGraph() if network.directed else nx.Graph()
    graph.add_nodes_from(network.names)
    digraph, names = network.digraph, network.names
    source, target = ([names[place] for place in ends] for ends in (digraph.source, digraph.target))
    graph.add_weighted_edges_from(zip(source, target, digraph.weight.tolist(), strict=True))
    return graph
