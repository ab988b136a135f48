"""What a run of churn puts on record: event, table, curves, groups at risk, fit and doubts.

Everything is JSON, so that the pages, the API and the command line show one and the same.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from algorithms.churn import notes, sentences
from algorithms.churn.calibration import Silence
from algorithms.churn.cohorts import NAMES, Cohort, age_bands
from algorithms.churn.cox import Cox, TurningPoint
from algorithms.churn.factors import spread
from algorithms.churn.settings import HORIZONS, ChurnParameters
from algorithms.churn.subgroups import Found
from algorithms.churn.survival import kaplan_meier, log_rank
from graph.language import Text

MOST_POINTS: Final = 200
SHOWN_DAYS: Final = 6
CONCORDANCE: Final = Text("The concordance of the grade", "评估中的一致性指数")
GROUPED_BY: Final = ("sex", "age_band", "card", "channel", "payment")


def factors_of(table: Cohort) -> pd.DataFrame:
    """Return the covariates that have levels, ages in bands."""
    x = table.covariates.assign(age_band=age_bands(table.covariates["age"]))
    return x[list(GROUPED_BY)].astype(object)


def event_of(
    customers: pd.DataFrame, table: Cohort, *, params: ChurnParameters
) -> dict[str, object]:
    """Say what the event is, and of whom the table is."""
    first = customers.iloc[0]
    own = customers[["category_id", "silence"]].dropna().drop_duplicates()
    by_category = dict(zip(own["category_id"].astype(str), own["silence"].tolist(), strict=True))
    given = params.silence_days > 0
    return {
        "silence_days": int(first["common_silence"]),
        "silence_is_given": given,
        "silence_days_by_category": {} if given else dict(sorted(by_category.items())),
        "span_days": int(first["span"]),
        "landmark_days_ago": int(first["origin"]),
        "landmarks_days_ago": [int(first["step"]) * k for k in range(4)],
        "n": len(table.at),
        "events": int(table.event.sum()),
    }


def model_of(cox: Cox) -> dict[str, object]:
    """Return the table, what it is compared with, and its tests."""
    rows = cox.rows
    point = cox.turning_point("age", square="age_squared")
    references = cox.design.references
    penalised = {one.covariate: one for one in cox.penalised}
    return {
        "table": rows,
        "sentences": [
            sentences.ratio_sentence(
                row,
                names=NAMES,
                references=references,
                penalised=penalised.get(str(row["covariate"])),
            )._asdict()
            for row in rows
        ],
        "references": dict(references),
        "pooled": {name: list(levels) for name, levels in cox.design.pooled.items()},
        "penalised": [asdict(one) for one in cox.penalised],
        "log_likelihood": cox.log_likelihood,
        "likelihood_ratio": cox.likelihood_ratio,
        "proportional_hazards": {
            name: {"statistic": statistic, "p": p} for name, (statistic, p) in cox.ph.items()
        },
        "proportional_hazards_n": cox.tested,
        "turning_point": _turning(point) if point else None,
    }


def _turning(point: TurningPoint) -> dict[str, object]:
    return {
        "covariate": point.covariate,
        "at": point.at,
        "lower": point.lower,
        "upper": point.upper,
        "sentence": sentences.turning_sentence(point, names=NAMES)._asdict(),
    }


def curves_of(table: Cohort) -> dict[str, object]:
    """Return survival curves of all and by covariate, with the test whether groups differ."""
    everyone = pd.Series("all", index=range(len(table.at)))
    factors = {"all": everyone, **{str(name): values for name, values in factors_of(table).items()}}
    return {
        name: _curves_by(table, levels)
        for name, levels in factors.items()
        if name == "all" or len(set(levels.dropna())) > 1
    }


def _curves_by(table: Cohort, levels: pd.Series) -> dict[str, object]:
    codes, names = pd.factorize(levels, sort=True)
    is_known = codes >= 0
    duration, event = table.duration[is_known], table.event[is_known]
    test = log_rank(duration, event, group=codes[is_known])
    groups = {
        str(name): _curve(table.duration[codes == i], table.event[codes == i])
        for i, name in enumerate(names)
    }
    return {"groups": groups, "log_rank": {**test._asdict(), "n": len(duration)}}


def _curve(duration: npt.NDArray[np.int64], event: npt.NDArray[np.bool_]) -> dict[str, object]:
    """Return one curve, thinned to at most 200 days, with an at-risk table."""
    curve = kaplan_meier(duration, event)
    days = spread(len(curve.survival), most=MOST_POINTS)
    shown = spread(len(curve.survival), most=SHOWN_DAYS)
    return {
        "n": curve.n,
        "events": curve.events,
        "median": curve.median,
        "days": days.tolist(),
        "survival": np.round(curve.survival[days], 6).tolist(),
        "lower": np.round(curve.lower[days], 6).tolist(),
        "upper": np.round(curve.upper[days], 6).tolist(),
        "at_risk": {str(day): int(curve.at_risk[day]) for day in shown},
    }


def described(found: Found) -> dict[str, object]:
    """Return the groups at risk, and how many were tried."""
    groups = [
        {
            "levels": dict(group.levels),
            "n": group.n,
            "events": group.events,
            "expected": group.expected,
            "rate": group.rate,
            "hazard_ratio": group.ratio,
            "p": group.p,
            "q": group.q,
            "sentence": sentences.subgroup_sentence(group, names=NAMES)._asdict(),
        }
        for group in found.groups
    ]
    return {"tried": found.tried, "found": groups}


def fitted(published: Silence, *, step: int) -> dict[str, object]:
    """Return the model of the probabilities, by the usual names, and its correction."""
    model = published.model
    return {
        "n": model.n,
        "events": model.events,
        "observed_days": step,
        "coef": dict(zip(model.columns, model.coefficients.tolist(), strict=True)),
        "log_likelihood": model.log_likelihood,
        "calibration": {
            str(days): {"intercept": line.intercept, "slope": line.slope}
            for days, line in published.lines.items()
        },
    }


def doubts_of(
    cox: Cox, *, first: "pd.Series[float]", graded: Mapping[str, object] | None
) -> list[Text]:
    """Say what is weak about the probabilities and the table."""
    step, silence, span = int(first["step"]), int(first["common_silence"]), int(first["span"])
    said = [notes.long_silence(silence, span=span)] if 2 * silence > span else []
    if step < max(HORIZONS):
        said.append(
            Text(
                f"The orders cover too few days to observe {max(HORIZONS)}: beyond {step} days "
                "probabilities go on at the rate seen until then.",
                f"订单天数不足以观察 {max(HORIZONS)} 天：超过 {step} 天的概率按此前的速率外推。",
            )
        )
    if graded:
        rows, of = int(str(graded["concordance_n"])), int(str(graded["n"]))
        said += notes.sampled(CONCORDANCE, rows=rows, of=of)
    else:
        said.append(
            Text(
                "The orders cover too few days to grade the probabilities on later customers.",
                "订单覆盖的天数不足，无法在更晚的客户上评估概率。",
            )
        )
    if not cox.columns:
        said.append(
            Text(
                "No covariate can be estimated: the table is empty and all customers count alike.",
                "没有可估计的变量：系数表为空，所有客户视为相同。",
            )
        )
    return said
