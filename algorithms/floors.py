"""What a grade has to reach before the scores that it is of are published.

A grade is of the same algorithm, version and parameters, at past cuts. Scores without one are
published and said to be not yet graded: without results there would be nothing to grade.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from algorithms.records import Record
from graph.language import Text

AUC: Final = 0.6
SKILL: Final = 0.0
CALIBRATION: Final = 0.05

UNGRADED: Final = Text(
    "These scores are not yet graded on your data: run kith evaluate.",
    "这些分数尚未在您的数据上评估：请运行 kith evaluate。",
)


def grade_of(evaluation: Record | None) -> dict[str, object] | None:
    """Return what a run says of the grade of its scores: the means, and of which evaluation."""
    if evaluation is None:
        return None
    said = {"run_id": evaluation.run_id, "as_of": evaluation.as_of.isoformat()}
    return {**said, "means": evaluation.metrics.get("means", {})}


def shortfalls(grade: Mapping[str, object] | None) -> list[Text]:
    """Return in words what a grade falls short of; empty where it reaches all floors."""
    means = grade["means"] if grade else {}
    assert isinstance(means, dict)  # so it was written
    return [text for score, figures in sorted(means.items()) for text in _faults(score, figures)]


def _faults(score: str, figures: Mapping[str, float]) -> Iterator[Text]:
    auc, skill = figures.get("auc"), figures.get("skill")
    error = figures.get("calibration_error")
    if auc is not None and auc < AUC:
        yield _below(score, "AUC", value=auc, floor=AUC)
    if skill is not None and skill < SKILL:
        yield _below(score, "Brier skill", value=skill, floor=SKILL)
    if error is not None and error > CALIBRATION:
        yield Text(
            f"{score}: foretold and happened differ by {error:.3f} on the mean, above the "
            f"{CALIBRATION} allowed; not published.",
            f"{score}：预测与实际平均相差 {error:.3f}，高于允许的 {CALIBRATION}；未发布。",
        )


def _below(score: str, name: str, *, value: float, floor: float) -> Text:
    return Text(
        f"{score}: {name} {value:.3f} is below the floor of {floor}; not published.",
        f"{score}：{name} {value:.3f} 低于下限 {floor}；未发布。",
    )
