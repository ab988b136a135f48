"""Groups of customers who are alike in recency, frequency and money, found and not set.

The scores of RFM have 125 cells, so a million customers are at most 125 points with weights:
fitting, silhouette and stability are exact, and take less than a second. Groups are numbered
by what their members spend, the highest first, so that a number means the same in the next
run although k-means itself returns its groups in any order.
"""

from typing import Annotated, Final

import numpy as np
import pandas as pd
from pydantic import Field, ValidationInfo, field_validator

from algorithms.contract import Algorithm, Group, Inputs, NothingToSayError, Result, owned
from algorithms.parameters import Parameters
from algorithms.rfm_clusters_fit import Points, best_k, fitted, stability_of
from algorithms.rfm_clusters_words import MATHEMATICS, explain, notes_on
from algorithms.rfm_names import CELLS, cells_of, labels_of, names_from_text
from algorithms.rfm_parameters import home_defaults
from algorithms.rfm_scores import Flags, Integers
from algorithms.rfm_signs import MEASURES, Thresholds, symbols_of
from algorithms.suspected import SUSPECTED, ExcludeResellers, without_resellers
from graph.language import Text
from graph.spec import MONEY_SCALE


class RfmClustersParameters(Parameters):
    """How many groups, and how they are named."""

    k: Annotated[int, Text("Groups; 0: chosen by silhouette", "群数；0 为按轮廓系数选择")] = Field(
        6, ge=0, le=20
    )
    least_k: Annotated[int, Text("Fewest groups to choose from", "自动选择的最少群数")] = Field(
        2, ge=2, le=20
    )
    most_k: Annotated[int, Text("Most groups to choose from", "自动选择的最多群数")] = Field(
        10, ge=2, le=20, validate_default=True
    )
    resamples: Annotated[
        int, Text("Resamples of customers that tell the stability", "稳定性重抽样次数")
    ] = Field(20, ge=1, le=200)
    seed: Annotated[int, Text("Seed of starts and resamples", "随机种子")] = Field(
        0, ge=0, le=2**31 - 1
    )
    sign_fine: Annotated[
        float, Text("A difference from the mean below it is 0", "低于此差值记为 0")
    ] = Field(0.01, ge=0, le=4)
    sign_coarse: Annotated[
        float, Text("A difference from it on is ++ or --", "达到此差值记为 ++ 或 --")
    ] = Field(1.0, ge=0, le=4)
    exclude_resellers: ExcludeResellers = False
    names: Annotated[
        str,
        Text(
            "Classes as JSON; empty: rfm.toml of the home, else the shipped ones",
            "分类规则（JSON）；为空则用数据主目录的 rfm.toml，否则用内置规则",
        ),
    ] = ""

    @field_validator("most_k")
    @classmethod
    def _is_range(cls, most: int, info: ValidationInfo) -> int:
        if most < info.data.get("least_k", most):
            problem = f"{most} lies below least_k"
            raise ValueError(problem)
        return most

    @field_validator("names")
    @classmethod
    def _can_be_read(cls, text: str) -> str:
        names_from_text(text)
        return text


class NobodyGroupedError(NothingToSayError):
    """No customer has scores."""

    text = Text(
        "rfm_clusters: no customer has RFM scores, so there is nobody to group.",
        "rfm_clusters：没有客户有 RFM 得分，无法分群。",
    )


SUMMED: Final = ("rfm_r", "rfm_f", "rfm_m", "rfm_order_count", "rfm_spend")

SCORED: Final = """
SELECT
    customer_id, rfm_r, rfm_f, rfm_m, rfm_order_count, rfm_spend,
    COALESCE(reseller_suspected, FALSE) AND exclude_resellers AS is_left_out
FROM customers CROSS JOIN parameters
WHERE rfm_r IS NOT NULL AND rfm_f IS NOT NULL AND rfm_m IS NOT NULL
    AND rfm_order_count IS NOT NULL AND rfm_spend IS NOT NULL
ORDER BY customer_id
"""


def compute(inputs: Inputs, params: RfmClustersParameters) -> Result:
    """Group the customers who have scores.

    Parameters
    ----------
    inputs
        ``scored``: one row a customer, ordered by ``customer_id``: ``rfm_r``, ``rfm_f``,
        ``rfm_m`` (1 to 5), ``rfm_order_count`` and ``rfm_spend`` (ten-thousandths), and
        ``is_left_out``: who does not enter the means.
    params
        How many groups; ``seed`` fixes the starts.

    Returns
    -------
    ``Customer``, ordered by ``customer_id``: ``rfm_cluster`` (1 spends most on average).
    Metrics: ``clusters``, a row each with n, mean orders, mean spend (currency), mean scores,
    symbol and class; ``total``, the same of all; ``k``, ``inertia``, ``silhouette`` (by k
    where it chose), ``stability`` (mean and least adjusted Rand index of resamples).

    Raises
    ------
    NobodyGroupedError
        If nobody has scores.

    References
    ----------
    Lloyd, S. P. (1982). Least squares quantization in PCM. Arthur and Vassilvitskii (2007).
    Rousseeuw, P. J. (1987). Silhouettes. Hubert and Arabie (1985). Comparing partitions.
    """
    scored = inputs["scored"]
    if scored.empty:
        raise NobodyGroupedError
    scores = (scored[f"rfm_{letter}"].to_numpy(np.int64) for letter in "rfm")
    cells = cells_of(scores)
    points = Points.of(np.bincount(cells, minlength=len(CELLS)), CELLS)
    chosen, silhouettes = _chosen_k(points, params=params)
    fit = fitted(points, k=chosen, seed=params.seed)
    label = fit.label[points.place[cells]]
    is_meant = _meant(scored, label)
    cluster = _numbered(scored, label, is_meant=is_meant)
    table, total = _table(scored, cluster, is_meant=is_meant, params=params)
    stability = stability_of(points, fit, n=params.resamples, seed=params.seed)
    metrics = {
        "k": chosen,
        "inertia": fit.inertia,
        "silhouette": silhouettes,
        "stability": stability,
        "clusters": table,
        "total": total,
    }
    frame = pd.DataFrame({"customer_id": scored["customer_id"], "rfm_cluster": cluster})
    notes = notes_on(wanted=params.k, k=chosen, n_points=len(points.weight), stability=stability)
    notes += without_resellers(int((~is_meant).sum()), is_wished=params.exclude_resellers)
    return Result({"Customer": frame}, metrics, notes, _groups(table, params=params))


def _meant(scored: pd.DataFrame, label: Integers) -> Flags:
    """Return who enters the means: not those left out, unless a group has nobody else."""
    is_meant = ~scored["is_left_out"].to_numpy(np.bool_)
    return np.asarray(is_meant | (np.bincount(label, is_meant) == 0)[label])


def _chosen_k(points: Points, *, params: RfmClustersParameters) -> tuple[int, dict[str, float]]:
    """Return the number of groups, and the silhouette of each that was tried."""
    n_points = len(points.weight)
    if params.k:
        return min(params.k, n_points), {}
    tried = range(params.least_k, min(params.most_k, n_points) + 1)
    return best_k(points, tried, seed=params.seed)


def _numbered(scored: pd.DataFrame, label: Integers, *, is_meant: Flags) -> Integers:
    """Return numbers of groups by their members' mean spend, the highest first."""
    meant, own, groups = scored[is_meant], label[is_meant], int(label.max()) + 1
    # a group of resellers alone has nobody who is meant: it comes last
    n = np.maximum(np.bincount(own, minlength=groups), 1)
    spend = _sums(own, meant["rfm_spend"], groups=groups)
    # as fractions of whole numbers, so that equal means are equal; then by their scores
    scores = [_sums(own, meant[f"rfm_{letter}"], groups=groups) / n for letter in "mfr"]
    order = np.lexsort((*(-s for s in reversed(scores)), -(spend / n)))
    number = np.empty(len(n), np.int64)
    number[order] = np.arange(1, len(n) + 1)
    return number[label]


def _sums(group: Integers, values: "pd.Series[int]", *, groups: int) -> Integers:
    """Return the exact sum of whole numbers of each group."""
    sums = np.zeros(groups, np.int64)
    np.add.at(sums, group, values.to_numpy(np.int64))
    return sums


def _table(
    scored: pd.DataFrame, cluster: Integers, *, is_meant: Flags, params: RfmClustersParameters
) -> tuple[list[dict[str, object]], dict[str, object]]:
    """Return a row of means for each group, and that of all customers."""
    numbers = range(1, int(cluster.max()) + 1)
    groups = [_row(scored[cluster == number], is_meant[cluster == number]) for number in numbers]
    total = _row(scored, is_meant)
    thresholds = Thresholds(params.sign_fine, params.sign_coarse)
    overall = {m: float(str(total[m])) for m in MEASURES}
    means = [{m: float(str(row[m])) for m in MEASURES} for row in groups]
    symbols = symbols_of(means, overall, thresholds=thresholds)
    profile = np.array([[row[m] for m in MEASURES] for row in means])
    classes = names_from_text(params.names).class_names(profile).tolist()
    rows = zip(groups, symbols, classes, strict=True)
    return [
        {"cluster": number, **row, "symbol": symbol, "class": class_}
        for number, (row, symbol, class_) in enumerate(rows, start=1)
    ], total


def _row(members: pd.DataFrame, is_meant: Flags) -> dict[str, object]:
    """Return the number of some customers and the means of those meant, from exact sums."""
    meant, n = members[is_meant], int(is_meant.sum())
    sums = {name: int(meant[name].to_numpy(np.int64).sum()) for name in SUMMED}
    return {
        "n": len(members),
        "mean_orders": sums["rfm_order_count"] / n,
        "mean_spend": sums["rfm_spend"] / n / MONEY_SCALE,
        **{m: sums[f"rfm_{m.lower()}"] / n for m in MEASURES},
    }


def _groups(
    table: list[dict[str, object]], *, params: RfmClustersParameters
) -> dict[str, dict[str, Group]]:
    labels = labels_of(names_from_text(params.names).classes)
    named = {}
    for row in table:
        label, symbol = labels[str(row["class"])], row["symbol"]
        text = Text(f"{label.en} ({symbol})", f"{label.zh}({symbol})")
        named[str(row["cluster"])] = Group(text, row)
    return {"rfm_cluster": named}


ALGORITHM = Algorithm(
    name="rfm_clusters",
    version="2",
    about=Text(
        "Groups customers by their RFM scores with k-means and says what marks each group.",
        "按 RFM 得分用 K 均值对客户分群，并说明各群特征。",
    ),
    stage="model",
    source="k-means++ (Arthur and Vassilvitskii 2007) on standardised scores, 10 restarts; "
    "silhouette (Rousseeuw 1987); adjusted Rand index (Hubert and Arabie 1985).",
    reads={"customers": ("customer_id", *SUMMED, SUSPECTED)},
    parameters=RfmClustersParameters,
    compute=compute,
    reduce={"scored": SCORED},
    properties={
        "Customer": (
            owned(
                "rfm_cluster",
                "integer",
                about=Text("Group; 1 spends most on average", "聚类编号；1 为人均消费最高"),
                minimum=1,
                maximum=20,
                indexed=True,
                owner="rfm_clusters",
            ),
        )
    },
    mathematics=MATHEMATICS,
    explain=explain,
    segments=("rfm_cluster",),
    defaults=home_defaults,
)
