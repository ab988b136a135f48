"""How good a ranking was, given what each of the ranked then drew.

Equal scores stand in no order, so figures are their mean over all orders of equals: nothing
is drawn, and everybody alike is the ranking at random.
"""

from dataclasses import dataclass

import numpy as np

from algorithms.measures import Floats


@dataclass(frozen=True, slots=True)
class ListGrade:
    """How good the top of a ranking was.

    Parameters
    ----------
    ndcg_50
        Discounted gain of the first 50 over the best possible, 0 to 1.
    precision_20
        Share of the first 20 that are among the true first 20, 0 to 1.
    share_50
        Share of everything drawn that went to the first 50, 0 to 1.
    """

    ndcg_50: float
    precision_20: float
    share_50: float


def grade_list(score: Floats, gain: Floats) -> ListGrade:
    """Hold a ranking against what came.

    Parameters
    ----------
    score
        Of each; the highest stands first.
    gain
        What each then drew, >= 0.
    """
    return ListGrade(
        ndcg(score, gain, k=50), precision(score, gain, k=20), share_drawn(score, gain, k=50)
    )


def ndcg(score: Floats, gain: Floats, *, k: int) -> float:
    """Return the normalised discounted cumulative gain of the first ``k``; 0 without any gain.

    References
    ----------
    Järvelin, K. and Kekäläinen, J. (2002). Cumulated gain-based evaluation of IR techniques.
    McSherry, F. and Najork, M. (2008). Computing information retrieval performance measures
    efficiently in the presence of tied scores.
    """
    best = _highest(gain, k=k)
    discount = 1 / np.log2(np.arange(2, len(best) + 2))
    ideal = float(best @ discount)
    return float(_expected(score, gain, k=k) @ discount) / ideal if ideal > 0 else 0.0


def precision(score: Floats, gain: Floats, *, k: int) -> float:
    """Return the share of the first ``k`` that are among the true first ``k``.

    Nobody who drew nothing is among them; of those level at the last place each is in part.
    """
    k = min(k, int((gain > 0).sum()))
    if k == 0:
        return 0.0
    edge = _highest(gain, k=k)[-1]
    above, level = gain > edge, gain == edge
    is_top = above + level * ((k - above.sum()) / level.sum())
    return float(_expected(score, is_top, k=k).sum()) / k


def share_drawn(score: Floats, gain: Floats, *, k: int) -> float:
    """Return the share of all gain that went to the first ``k``; 0 without any gain."""
    total = float(gain.sum())
    return float(_expected(score, gain, k=k).sum()) / total if total > 0 else 0.0


def average_precision(score: Floats, is_positive: Floats) -> float | None:
    """Return the mean precision at each positive, equals entering together; None without one."""
    n_positive = float(is_positive.sum())
    if not n_positive:
        return None
    _, place, counts = np.unique(-score, return_inverse=True, return_counts=True)
    found = np.bincount(place, is_positive, len(counts))
    precisions = np.cumsum(found) / np.cumsum(counts)
    return float(found @ precisions) / n_positive


def paired_p(ours: Floats, theirs: Floats) -> float | None:
    """Return the two-sided p-value of Wilcoxon's signed-rank test; None where nothing differs.

    References
    ----------
    Wilcoxon, F. (1945). Individual comparisons by ranking methods. Biometrics Bulletin 1.
    """
    from scipy.stats import wilcoxon

    if not np.any(ours != theirs):
        return None
    return float(wilcoxon(ours, theirs).pvalue)


def _expected(score: Floats, gain: Floats, *, k: int) -> Floats:
    """Return the expected gain at the first ``k`` places, equals in random order."""
    if k < len(score):
        # of a million people the first few are looked at: whoever is level with the last of them
        enters = score >= _highest(score, k=k)[-1]
        score, gain = score[enters], gain[enters]
    _, place, counts = np.unique(-score, return_inverse=True, return_counts=True)
    means = np.bincount(place, gain, len(counts)) / counts
    return np.repeat(means, counts)[:k]


def _highest(values: Floats, *, k: int) -> Floats:
    """Return the ``k`` highest values, descending; all where there are fewer."""
    rest = max(len(values) - k, 0)
    return np.sort(np.partition(values, rest)[rest:] if rest else values)[::-1]
