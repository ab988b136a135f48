"""``kith evaluate NAME`` prints a table a score, what has no grade and why, and what may leak."""

from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from algorithms.evaluation import Evaluation, Judged, Stability
from algorithms.measures import AmountGrade, Bin, ProbabilityGrade
from api.cli import app
from api.commands.grading import show
from graph.language import Text, speaking

FIRST, SECOND = datetime(2026, 1, 31, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)
LIKELY = ProbabilityGrade(
    n=2400,
    n_events=300,
    rate=0.125,
    mean=0.121,
    auc=0.88,
    recency_auc=0.86,
    brier=0.08,
    base_brier=0.11,
    skill=0.27,
    accuracy=0.89,
    always_no=0.875,
    lift=4.2,
    calibration=(Bin(2400, 0.121, 0.125),),
    calibration_error=0.004,
)
MUCH = AmountGrade(
    n=1600,
    mean=610.5,
    actual=545.25,
    error=803.0,
    naive_error=1616.0,
    mean_error=1784.0,
    correlation=0.42,
    naive_correlation=None,
)


def evaluation(*judged: Judged, **more: object) -> Evaluation:
    found: dict[str, object] = {"stability": (), "leaky": (), **more}
    return Evaluation("guess", "1", "{}", SECOND, judged, **found)  # type: ignore[arg-type]


def buys(cut: datetime, grade: ProbabilityGrade | None, note: Text | None = None) -> Judged:
    return Judged(cut, "guess_buys", "buys", 30, grade, note)


def test_a_probability_is_shown_with_its_baselines_in_one_row(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show(evaluation(buys(FIRST, LIKELY)))

    printed = capsys.readouterr().out
    assert "guess_buys · buys · 30 d" in printed
    for figure in ("2,400", "0.125", "0.88", "0.86", "0.27", "0.875", "4.2", "0.004"):
        assert figure in printed


def test_every_cut_has_a_row_and_every_score_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    spend = Judged(SECOND, "guess_spend", "spend", 365, MUCH)

    show(evaluation(buys(FIRST, LIKELY), buys(SECOND, LIKELY), spend))

    printed = capsys.readouterr().out
    assert printed.count("2026-01-31") == 1
    assert printed.count("2026-03-02") == 2
    assert "guess_spend · spend · 365 d" in printed
    assert "1,616" in printed


def test_a_cut_without_a_grade_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    note = Text("nobody had bought", "尚无人购买")

    with speaking("zh"):
        show(evaluation(buys(FIRST, None, note), buys(SECOND, LIKELY)))

    assert "2026-01-31 guess_buys: 尚无人购买" in capsys.readouterr().out


def test_segments_show_who_stayed(capsys: pytest.CaptureFixture[str]) -> None:
    stayed = Stability("rfm_class", FIRST, SECOND, 1820, 0.84, 0.02)

    show(evaluation(stability=(stayed,)))

    printed = capsys.readouterr().out
    for figure in ("rfm_class", "1,820", "0.84", "0.02"):
        assert figure in printed


def test_columns_that_may_leak_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    show(evaluation(buys(FIRST, LIKELY), leaky=("orders.status",)))

    assert "orders.status" in capsys.readouterr().out


def test_any_other_name_is_taken_for_an_algorithm() -> None:
    by_name = CliRunner().invoke(app, ["evaluate", "rfm", "--help"])
    in_full = CliRunner().invoke(app, ["evaluate", "score", "--help"])
    own = CliRunner().invoke(app, ["evaluate", "identity", "--help"])

    assert by_name.exit_code == 0
    assert "--cuts" in by_name.output
    assert "--cuts" in in_full.output
    assert "--truth" in own.output
