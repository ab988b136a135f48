"""How one attribute is inferred from what customers buy, and how well that works.

The model is judged on customers who were kept out of it, beside the plainest answer there is:
always the commonest value. It is used as it was judged, so that the accuracy stated is its own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import Field

from algorithms.parameters import DatedParameters
from graph.language import Text

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Values = npt.NDArray[np.object_]
Verdict = Literal["written", "too_few_known", "too_few_sure", "not_accurate", "not_better"]

Answer = Callable[["csr_array"], tuple[Integers, Floats]]

HELD_OUT: Final = 0.3


class PortraitParameters(DatedParameters):
    """When an inference is good enough to be written."""

    least_confidence: Annotated[
        float, Text("Least confidence in a value that is told", "给出取值的最低置信度")
    ] = Field(0.7, ge=0, le=1)
    least_accuracy: Annotated[
        float, Text("Least accuracy on customers kept out", "留出客户上的最低准确率")
    ] = Field(0.7, ge=0, le=1)
    # the plainest answer costs nothing: what hardly beats it is not worth a wrong portrait
    margin: Annotated[
        float, Text("By how much the commonest value must be beaten", "须超过众数基线的幅度")
    ] = Field(0.05, ge=0, le=1)
    # of a hundred answers an accuracy is known to within nine points
    least_judged: Annotated[
        int, Text("Fewest told customers that judge it", "检验所需的最少客户数")
    ] = Field(100, ge=1, le=1_000_000)
    least_members: Annotated[
        int, Text("Fewest customers known to have a value", "一个取值的最少已知客户数")
    ] = Field(50, ge=2, le=1_000_000)
    most_training: Annotated[
        int, Text("Most customers to learn from and judge by", "训练与检验的最多客户数")
    ] = Field(100_000, ge=100, le=10_000_000)
    seed: Annotated[int, Text("Seed of the draw of customers", "抽样随机种子")] = Field(
        1, ge=0, le=2**31 - 1
    )


@dataclass(frozen=True)
class Grade:
    """How well an attribute is inferred, on customers kept out.

    ``accuracy``, ``majority`` (that of the commonest value) and ``mean_confidence`` are of
    the ``told`` customers, of whom the model is sure enough; ``accuracy_of_all`` and
    ``majority_of_all`` of all ``judged``. None where there are none.
    """

    verdict: Verdict
    known: int
    judged: int = 0
    told: int = 0
    accuracy: float | None = None
    majority: float | None = None
    mean_confidence: float | None = None
    accuracy_of_all: float | None = None
    majority_of_all: float | None = None


@dataclass(frozen=True)
class Inferred:
    """Words (None: not told) and confidences (not a number) of all customers, and the grade."""

    words: Values
    confidence: Floats
    grade: Grade


def inferred(features: "csr_array", known: Values, *, params: PortraitParameters) -> Inferred:
    """Infer the values of those of whom none is known.

    Parameters
    ----------
    features
        One row a customer.
    known
        What is known of each; None: nothing.
    params
        When it is good enough.
    """
    rows = _usable(known, least=params.least_members)
    classes, code = np.unique(known[rows].astype(str), return_inverse=True)
    if len(classes) < 2 or len(rows) * HELD_OUT < params.least_judged:
        return _silent(len(known), Grade("too_few_known", len(rows)))
    order = np.random.default_rng(params.seed).permutation(len(rows))[: params.most_training]
    held, learned = np.split(order, [round(HELD_OUT * len(order))])
    answer = _learned(features[rows[learned]], code[learned], seed=params.seed)
    commonest = int(np.bincount(code[learned]).argmax())
    judged = _Judged(*answer(features[rows[held]]), truth=code[held], commonest=commonest)
    grade = judged.grade(known=len(rows), params=params)
    told = _silent(len(known), grade)
    absent = np.flatnonzero(is_unknown(known))
    if grade.verdict == "written" and len(absent):
        said, confidence = answer(features[absent])
        is_sure = confidence >= params.least_confidence
        told.words[absent[is_sure]] = classes[said[is_sure]].astype(object)
        told.confidence[absent[is_sure]] = confidence[is_sure]
    return told


def is_unknown(words: Values) -> Flags:
    """Tell where there is no word."""
    return np.asarray(pd.isna(words), np.bool_)


def _silent(n: int, grade: Grade) -> Inferred:
    return Inferred(np.full(n, None, dtype=object), np.full(n, np.nan), grade)


def _usable(known: Values, *, least: int) -> Integers:
    """Return the customers whose value is known and is that of enough others."""
    rows = np.flatnonzero(~is_unknown(known))
    if not len(rows):
        return rows
    _, code, n = np.unique(known[rows].astype(str), return_inverse=True, return_counts=True)
    return rows[n[code] >= least]


def _learned(features: "csr_array", code: Integers, *, seed: int) -> Answer:
    """Learn a logistic regression; return what tells the likeliest code and its probability."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(max_iter=2_000, random_state=seed).fit(features, code)

    def answer(others: "csr_array") -> tuple[Integers, Floats]:
        chances = np.asarray(model.predict_proba(others), np.float64)
        return chances.argmax(axis=1), chances.max(axis=1)

    return answer


@dataclass(frozen=True)
class _Judged:
    """Answers on customers kept out, with their confidence, beside the truth."""

    said: Integers
    confidence: Floats
    truth: Integers
    commonest: int

    def grade(self, *, known: int, params: PortraitParameters) -> Grade:
        """Grade the answers of which the model is sure enough."""
        is_right, is_common = self.said == self.truth, self.truth == self.commonest
        is_told = self.confidence >= params.least_confidence
        n = int(is_told.sum())
        if n < params.least_judged:
            verdict: Verdict = "too_few_sure"
        elif is_right[is_told].mean() < params.least_accuracy:
            verdict = "not_accurate"
        else:
            gain = (int(is_right[is_told].sum()) - int(is_common[is_told].sum())) / n
            verdict = "written" if gain >= params.margin else "not_better"
        return Grade(
            verdict,
            known,
            judged=len(self.said),
            told=n,
            accuracy=_mean(is_right[is_told]),
            majority=_mean(is_common[is_told]),
            mean_confidence=_mean(self.confidence[is_told]),
            accuracy_of_all=_mean(is_right),
            majority_of_all=_mean(is_common),
        )


def _mean(values: Flags | Floats) -> float | None:
    return float(values.mean()) if len(values) else None
