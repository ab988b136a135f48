"""The contenders: each learns from described customers and tells chances of new ones.

Logistic regression is the plain one and hard to beat; boosted trees see bends and
interactions where there are enough customers. Another one enters by one more line in
`CONTENDERS`; the complement of churn, which learns for itself, meets the best of them in
`algorithms.repurchase.contest`.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Final, Literal, Protocol

import numpy as np

from algorithms.repurchase.features import Flags, Floats

Name = Literal["logistic", "boosting"]
Predict = Callable[[Floats], Floats]


class Learn(Protocol):
    """How a contender learns."""

    def __call__(self, features: Floats, buys: Flags, *, seed: int) -> Predict:
        """Return what tells chances of other customers."""


# below the smallest share that a few thousand customers can show, and never quite certain
LEAST: Final = 1e-4


def logistic(features: Floats, buys: Flags, *, seed: int) -> Predict:
    """Learn a logistic regression on standardised features; the scale is that of training."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(
        StandardScaler(), LogisticRegression(C=0.1, max_iter=2_000, random_state=seed)
    )
    with _one_thread():
        return _chance(model.fit(features, buys).predict_proba)


def boosting(features: Floats, buys: Flags, *, seed: int) -> Predict:
    """Learn gradient-boosted trees, small and slow so that they stay calibrated."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(
        learning_rate=0.05,
        max_iter=120,
        max_leaf_nodes=12,
        min_samples_leaf=100,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=seed,
    )
    with _one_thread():
        return _chance(model.fit(features, buys).predict_proba)


def _chance(predict_proba: Callable[[Floats], Floats]) -> Predict:
    def predict(features: Floats) -> Floats:
        with _one_thread():
            return _kept(predict_proba(features))

    return predict


def _one_thread() -> AbstractContextManager[object]:
    """Return a block in which libraries use one thread.

    Sums over threads come in another order on another machine; and threads that wait for a
    busy core cost more than they bring: on a shop of four thousand twentyfold.
    """
    from threadpoolctl import (  # type: ignore[import-untyped]  # scikit-learn's own, untyped
        threadpool_limits,
    )

    limits: AbstractContextManager[object] = threadpool_limits(1)
    return limits


def _kept(chances: Floats) -> Floats:
    return np.clip(np.asarray(chances)[:, 1], LEAST, 1 - LEAST)


CONTENDERS: Final[Mapping[Name, Learn]] = {"logistic": logistic, "boosting": boosting}
"""In the order in which they win a tie."""
