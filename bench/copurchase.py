"""Pairs that are bought together: every pair counted and tested; mlxtend beside us.

    python bench/copurchase.py [--baskets 1000000] [--items 5000] [--minimum-count 1000]

Baskets are drawn with popularity falling as a power of the rank. Both count the pairs in at
least the minimum and have to agree on all of them; ours also tests every pair that met.
Give ``--ours-alone`` for sizes that mlxtend cannot hold.
"""

import argparse
from functools import partial

import numpy as np
import numpy.typing as npt
from apart import Measured, Work, measured  # type: ignore[import-not-found]  # lies beside this script
from scipy.sparse import csr_array

from algorithms.pairs import count_pairs

POPULARITY = 0.9
MEAN_SIZE = 5.9


def drawn(baskets: int, *, items: int) -> csr_array:
    """Return baskets by items, with ones."""
    rng = np.random.default_rng(0)
    lines = int(baskets * MEAN_SIZE)
    share = 1 / np.arange(1, items + 1) ** POPULARITY
    columns = rng.choice(items, lines, p=share / share.sum())
    rows = rng.integers(0, baskets, lines)
    matrix = csr_array((np.ones(lines, np.int32), (rows, columns)), shape=(baskets, items))
    matrix.sum_duplicates()
    matrix.data[:] = 1
    return matrix


def ours(baskets: int, *, items: int, least: int) -> Work:
    """Return our counting and testing of every pair."""
    matrix = drawn(baskets, items=items)

    def work() -> object:
        found = count_pairs(matrix, least=least, n_baskets=baskets)
        return _summary(found.met.n)

    return work


def theirs(baskets: int, *, items: int, least: int) -> Work:
    """Return mlxtend's FP-growth for pairs, on its sparse input."""
    import pandas as pd
    from mlxtend.frequent_patterns import fpgrowth
    from scipy.sparse import csr_matrix

    matrix = csr_matrix(drawn(baskets, items=items).astype(bool))
    names = [str(i) for i in range(items)]
    held = pd.DataFrame.sparse.from_spmatrix(  # type: ignore[attr-defined]  # stubs lack it
        matrix, columns=names
    )

    def work() -> object:
        # half a basket below the minimum: it compares shares as floats
        itemsets = fpgrowth(held, min_support=(least - 0.5) / baskets, max_len=2)
        pairs = itemsets[itemsets["itemsets"].map(len) == 2]
        return _summary(np.rint(pairs["support"].to_numpy() * baskets).astype(np.int64))

    return work


def _summary(counts: npt.NDArray[np.int64]) -> tuple[int, int]:
    """Return the number of pairs, and the sum of their counts."""
    return len(counts), int(counts.sum())


def main() -> None:
    """Print one row an engine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--baskets", type=int, default=1_000_000)
    parser.add_argument("--items", type=int, default=5_000)
    parser.add_argument("--minimum-count", type=int, default=1_000)
    parser.add_argument("--ours-alone", action="store_true")
    given = parser.parse_args()
    size = {"items": given.items, "least": given.minimum_count}
    runs = {"kith (X'X, all pairs tested)": measured(partial(ours, given.baskets, **size))}
    if not given.ours_alone:
        runs["mlxtend fpgrowth (sparse, pairs)"] = measured(partial(theirs, given.baskets, **size))
    print(f"{given.baskets:,} baskets, {given.items:,} items, minimum {given.minimum_count:,}\n")
    _print(runs)


def _print(runs: dict[str, Measured]) -> None:
    print("| engine | seconds | peak MB | pairs |\n|---|---|---|---|")
    for engine, run in runs.items():
        pairs = run.answer[0] if isinstance(run.answer, tuple) else 0
        print(f"| {engine} | {run.seconds:.2f} | {run.megabytes:,.0f} | {pairs:,} |")
    if len(runs) > 1:
        first, second = (run.answer for run in runs.values())
        print(f"\nBoth agree on every count: {'yes' if first == second else 'NO'}")


if __name__ == "__main__":
    main()
