"""Layer 1's components alone: seconds and memory on a random identity graph, beside networkx.

    python bench/components.py [--edges 50000000] [--seed 7]

Five identifiers a customer on average, a fifth of the edges redundant, two in a thousand by
accident between strangers; the numbers of identifiers are shuffled. networkx gets a
fiftieth of the edges: it would need the memory of a larger machine for all.
"""

import argparse
from functools import partial

import numpy as np
import numpy.typing as npt
from apart import Work, measured  # type: ignore[import-not-found]  # lies beside this script

from algorithms.identity.union import connected

Numbers = npt.NDArray[np.int64]
PER_CUSTOMER = 5
REDUNDANT = 0.2
ACCIDENTAL = 0.002
SMALLER = 50


def edges(n: int, *, seed: int) -> tuple[Numbers, Numbers, int]:
    """Return both ends of ``n`` edges and how many identifiers there are."""
    draw = np.random.default_rng(seed)
    owner = np.sort(draw.integers(0, n // PER_CUSTOMER, int(n * (1 - REDUNDANT) * 1.3)))
    first = np.searchsorted(owner, owner)
    place = np.arange(len(owner))
    tied = place[place != first]
    one, other = tied[:n], first[tied][:n]
    more = draw.integers(0, len(owner), n - len(one))
    ends = np.where(draw.random(len(more)) < ACCIDENTAL / REDUNDANT, more[::-1], first[more])
    shuffled = draw.permutation(len(owner))
    left, right = np.concatenate([one, more]), np.concatenate([other, ends])
    return shuffled[left], shuffled[right], len(owner)


def ours(n: int, seed: int) -> Work:
    """Get ready to find components as layer 1 does."""
    one, other, size = edges(n, seed=seed)
    return lambda: int(connected(one, other, n=size).max()) + 1


def theirs(n: int, seed: int) -> Work:
    """Get ready to find components with networkx."""
    import networkx as nx

    one, other, size = edges(n, seed=seed)

    def work() -> int:
        graph = nx.Graph()
        graph.add_nodes_from(range(size))
        graph.add_edges_from(zip(one.tolist(), other.tolist(), strict=True))
        return int(nx.number_connected_components(graph))

    return work


def main() -> None:
    """Measure and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edges", type=int, default=50_000_000)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    print("| method | edges | seconds | peak MB | components |\n|---|---|---|---|---|")
    few = options.edges // SMALLER
    for name, prepare, n in (
        ("kith", ours, options.edges),
        ("kith", ours, few),
        ("networkx", theirs, few),
    ):
        found = measured(partial(prepare, n, options.seed))
        row = (
            name,
            f"{n:,}",
            f"{found.seconds:.1f}",
            f"{found.megabytes:,.0f}",
            f"{found.answer:,}",
        )
        print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
