"""How likely chance alone is to bring two things together so often: exact, for millions of pairs.

The one-sided Fisher test is the upper tail of the hypergeometric distribution. It is
summed from its first term, whose logarithm comes from deviances and Stirling corrections:
factorials of millions would lose half the digits, and one minus the lower tail all of them.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

# pairs worked on at once: small enough for the arrays to stay in the processor's cache
CHUNK = 100_000
SMALL = 32
# exactly zero would claim that something is impossible
SMALLEST = float(np.finfo(np.float64).tiny)


def upper_tail(n: Integers, margins: tuple[Integers, Integers], *, total: int) -> Floats:
    """Return the chance of at least ``n`` baskets with both, were the two independent.

    Parameters
    ----------
    n
        Baskets that hold both; at least 1.
    margins
        Baskets that hold the first and the second; same length as ``n``.
    total
        All baskets.

    Returns
    -------
    Probabilities in (0, 1], about ten digits exact whatever their size; what is below the
    smallest normal number is that number.

    References
    ----------
    Loader, C. (2000). Fast and accurate computation of binomial probabilities.
    """
    first, second = margins
    tails = [
        _tail(n[at : at + CHUNK], (first[at : at + CHUNK], second[at : at + CHUNK]), total=total)
        for at in range(0, len(n), CHUNK)
    ]
    return np.asarray(np.clip(np.concatenate([np.zeros(0), *tails]), SMALLEST, 1.0))


def adjusted(p: Floats, *, times: Integers, tests: int) -> Floats:
    """Return Benjamini-Hochberg q-values of tests that come with multiplicities.

    Parameters
    ----------
    p
        Distinct tests' p-values, in any order.
    times
        How many tests have each of them.
    tests
        All tests; those beyond the sum of ``times`` have p = 1.

    References
    ----------
    Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate.
    """
    order = np.argsort(p, kind="stable")
    rank = np.cumsum(times[order])
    raised = p[order] * (tests / rank)
    q = np.empty_like(p)
    q[order] = np.minimum(np.minimum.accumulate(raised[::-1])[::-1], 1.0)
    return q


def _tail(n: Integers, margins: tuple[Integers, Integers], *, total: int) -> Floats:
    """Sum the shorter tail: above the mean from ``n`` up, else one minus from ``n - 1`` down."""
    first, second = (margin.astype(np.float64) for margin in margins)
    seen = n.astype(np.float64)
    above = seen * total > first * second
    start = np.where(above, seen, seen - 1)
    outside = total - first - second + start < 0
    start = np.where(outside, seen, start)
    tail = np.exp(_log_chance(start, (first, second), total=total))
    tail *= _series(start, (first, second), total=total, rising=above)
    return np.where(above, tail, np.where(outside, 1.0, 1.0 - tail))


def _series(
    start: Floats, margins: tuple[Floats, Floats], *, total: int, rising: npt.NDArray[np.bool_]
) -> Floats:
    """Return the sum of a tail's terms relative to its first one."""
    first, second = margins
    neither = total - first - second
    sums = np.ones_like(start)
    term, live, x = np.ones_like(start), np.arange(len(start)), start.copy()
    while len(live):
        a, b, c, up = first[live], second[live], neither[live], rising[live]
        ratio = np.where(
            up,
            (a - x) * (b - x) / ((x + 1) * (c + x + 1)),
            x * (c + x) / ((a - x + 1) * (b - x + 1)),
        )
        term = term * ratio
        sums[live] += term
        more = term > sums[live] * 1e-17
        live, term, x = live[more], term[more], (x + np.where(up, 1.0, -1.0))[more]
    return sums


def _log_chance(x: Floats, margins: tuple[Floats, Floats], *, total: int) -> Floats:
    """Return the logarithm of the chance of exactly ``x`` baskets with both."""
    first, second = margins
    rows, columns = (first, total - first), (second, total - second)
    cells = ((x, first - x), (second - x, total - first - second + x))
    # all four cells miss what independence expects by the same amount, up to its sign
    surplus = x - first * second / total
    logarithm = -_correction(np.full(len(x), float(total)))
    for margin in (*rows, *columns):
        logarithm += _correction(margin)
    for i, j in ((0, 0), (0, 1), (1, 0), (1, 1)):
        expected = rows[i] * columns[j] / total
        logarithm -= _correction(cells[i][j])
        logarithm -= _deviance(cells[i][j], expected, surplus=surplus if i == j else -surplus)
    return logarithm


def _deviance(count: Floats, expected: Floats, *, surplus: Floats) -> Floats:
    """Return ``count * ln(count / expected) - surplus`` without losing digits to the division."""
    from scipy.special import xlog1py

    relative = np.divide(surplus, expected, out=np.zeros_like(count), where=expected > 0)
    return np.asarray(xlog1py(count, relative) - surplus)


def _correction(count: Floats) -> Floats:
    """Return ``ln n! - n ln n + n``: 0 for 0, else Stirling's series from ``SMALL`` on."""
    from scipy.special import gammaln

    table = np.arange(SMALL + 1, dtype=np.float64)
    table = gammaln(table + 1) - table * np.log(np.maximum(table, 1)) + table
    large = np.maximum(count, SMALL)
    inverse = 1 / large
    series = inverse / 12 - inverse**3 / 360 + inverse**5 / 1260
    tail: Floats = 0.5 * np.log(2 * np.pi * large) + series
    return np.where(count < SMALL, table[np.minimum(count, SMALL).astype(np.int64)], tail)
