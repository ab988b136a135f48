"""What the people of a circle talk about and buy more than others do.

Counted are people, not posts or baskets: one member with six hundred posts must not name a
circle. A word is typical where more of the members have it than chance would give them.
"""

from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from algorithms.circles.tracking import Names
from algorithms.circles.wording import FEWEST_PEOPLE
from algorithms.network.digraph import Floats, Numbers
from algorithms.network.partitions import NOBODY
from algorithms.reply_arcs import People


class Evidence(NamedTuple):
    """What a word has to show: members who share it, and a likelihood ratio (G)."""

    members: int
    surprise: float = 0.0


# what fewer members share is theirs and not the circle's
SHARED: Final = Evidence(2)
# of thousands of words some stand together by chance: so high a ratio comes once in a thousand
WRITTEN: Final = Evidence(FEWEST_PEOPLE, 10.83)


def typical(
    held: pd.DataFrame,
    *,
    people: People,
    labels: Numbers,
    most: int,
    evidence: Evidence = SHARED,
) -> list[list[str]]:
    """Return the words of each circle that set it apart, the most telling first.

    Parameters
    ----------
    held
        ``customer_id`` and ``word``, each pair once: a topic, or what they bought.
    people
        Everybody who is looked at.
    labels
        Their circles.
    most
        How many words of each circle.
    evidence
        What a word has to show.

    Returns
    -------
    By circle. Words that too few members have, or that are no more common in the circle than
    elsewhere, are left out; ties go to the smaller word.

    Notes
    -----
    With a share ``p`` of members and ``q`` of everybody, a word is worth ``p log(p / q)``: its
    part in the Kullback-Leibler divergence of the circle from all.

    References
    ----------
    Dunning, T. (1993). Accurate methods for the statistics of surprise and coincidence.
    """
    words = held["word"].astype("category").cat.remove_unused_categories()
    names = words.cat.categories.astype(str).to_numpy(object)
    person, word = people.numbers(held["customer_id"]), words.cat.codes.to_numpy(np.int64)
    label = np.where(person >= 0, labels[person], NOBODY)
    sizes = np.bincount(labels[labels != NOBODY])
    counted = pd.DataFrame({"label": label, "word": word})[person >= 0]
    common = np.bincount(counted["word"], minlength=len(names)) / max(people.n, 1)
    inside = counted[counted["label"] != NOBODY]
    pairs = inside.groupby(["label", "word"], sort=True).size().reset_index(name="n")
    pairs["share"] = pairs["n"].to_numpy() / sizes[pairs["label"].to_numpy(np.int64)]
    pairs["lift"] = pairs["share"].to_numpy() / common[pairs["word"].to_numpy(np.int64)]
    size = sizes[pairs["label"].to_numpy(np.int64)]
    is_surprising = _likelihood_ratio(pairs, size) >= evidence.surprise
    telling = pairs[(pairs["n"] >= evidence.members) & (pairs["lift"] > 1) & is_surprising]
    return _best(telling, names, n_circles=len(sizes), most=most)


def _likelihood_ratio(pairs: pd.DataFrame, size: Numbers) -> Floats:
    """Return how much likelier the members' share of a word is than everybody's (G)."""
    p, lift = pairs["share"].to_numpy(np.float64), pairs["lift"].to_numpy(np.float64)
    q = p / lift
    lacking = np.where(p < 1, (1 - p) * np.log((1 - p + (p == 1)) / (1 - q + (q == 1))), 0.0)
    return np.asarray(2 * size * (p * np.log(lift) + lacking))


def _best(pairs: pd.DataFrame, names: Names, *, n_circles: int, most: int) -> list[list[str]]:
    word = names[pairs["word"].to_numpy(np.int64)]
    worth = pairs["share"].to_numpy(np.float64) * np.log(pairs["lift"].to_numpy(np.float64))
    ordered = pairs.assign(name=word, worth=worth).sort_values(
        ["label", "worth", "name"], ascending=[True, False, True]
    )
    found: list[list[str]] = [[] for _ in range(n_circles)]
    for label, name in zip(ordered["label"], ordered["name"], strict=True):
        if len(found[int(label)]) < most:
            found[int(label)].append(str(name))
    return found
