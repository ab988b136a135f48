"""``kith explain``: reasons for people and for programs, merged ids, runs with their grades."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from api import explaining
from api.commands import reading
from api.commands.reading import _figures, _graded
from api.profile import CustomerMovedError, CustomerNotFoundError
from api.views import View
from graph.language import speaking
from graph.settings import Settings
from tests.in_process import CommandLine

AS_OF = datetime(2026, 2, 1, tzinfo=UTC)
MEANS = {"repurchase_probability_30d": {"auc": 0.7441, "recency_auc": 0.67, "skill": 0.16, "n": 9}}
GRADED: View = {"run_id": "r-1", "as_of": AS_OF, "evaluation": {"means": MEANS}}
UNGRADED: View = {"run_id": "r-1", "as_of": AS_OF, "evaluation": None}


@dataclass(frozen=True)
class Opened:
    """A database that is never asked."""

    read: object = None


@dataclass
class Explained:
    """Answers in place of the database, and remembers whose reasons were asked for."""

    answers: dict[str, list[View] | Exception]
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    def __call__(
        self, _ask: object, customer_id: str, *, spec: object, score: str | None
    ) -> list[View]:
        assert spec is not None
        self.asked.append((customer_id, score))
        answer = self.answers[customer_id]
        if isinstance(answer, Exception):
            raise answer
        return answer


Answering = Callable[[dict[str, list[View] | Exception]], Explained]


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Answering:
    """Return what replaces the database by some answers."""

    @contextmanager
    def database(_settings: Settings) -> Iterator[Opened]:
        yield Opened()

    def put(answers: dict[str, list[View] | Exception]) -> Explained:
        explained = Explained(answers)
        monkeypatch.setattr(reading, "database", database)
        monkeypatch.setattr(explaining, "explanations", explained)
        return explained

    return put


def reason(algorithm: str, run: View = UNGRADED) -> View:
    return {"algorithm": algorithm, "text": f"because of {algorithm}", "run": run}


def test_each_reason_is_a_line_with_its_run_below(kith: CommandLine, answering: Answering) -> None:
    answering({"ann": [reason("rfm"), reason("repurchase", GRADED)]})

    said = kith.run("explain", "ann")

    assert said.out.splitlines() == [
        "rfm: because of rfm",
        "  as of 2026-02-01",
        "repurchase: because of repurchase",
        "  as of 2026-02-01; at past cuts: repurchase_probability_30d auc 0.744, "
        "recency_auc 0.67, skill 0.16",
    ]
    assert said.err == ""


def test_a_score_is_handed_on(kith: CommandLine, answering: Answering) -> None:
    explained = answering({"ann": []})

    said = kith.run("explain", "ann", "rfm_r")

    assert explained.asked == [("ann", "rfm_r")]
    assert said.out == ""


def test_programs_get_nothing_but_json(kith: CommandLine, answering: Answering) -> None:
    answering({"ann": [reason("rfm")]})

    said = kith.run("explain", "ann", "--json").json

    assert isinstance(said, list)
    (one,) = said
    assert one["text"] == "because of rfm"
    assert one["run"]["as_of"].startswith("2026-02-01")


def test_a_merged_id_is_explained_as_its_survivor_and_that_is_said(
    kith: CommandLine, answering: Answering
) -> None:
    moved = CustomerMovedError(customer_id="anna", survivor="ann")
    explained = answering({"anna": moved, "ann": [reason("rfm")]})

    said = kith.run("explain", "anna", "rfm")

    assert explained.asked == [("anna", "rfm"), ("ann", "rfm")]
    assert said.out.startswith("rfm: because of rfm")
    assert "ann" in said.err


def test_nobody_is_not_found(kith: CommandLine, answering: Answering) -> None:
    answering({"ghost": CustomerNotFoundError(customer_id="ghost")})

    said = kith.run("explain", "ghost", code=4)

    assert said.out == ""
    assert "ghost" in said.err


def test_a_method_that_nothing_judges_shows_its_date_alone() -> None:
    assert _graded("rfm", GRADED) == "as of 2026-02-01"


def test_a_forecast_without_a_grade_says_so() -> None:
    assert _graded("repurchase", UNGRADED) == "as of 2026-02-01; not yet graded"
    with speaking("zh"):
        assert _graded("repurchase", UNGRADED) == "数据截至 2026-02-01；尚未评估"


def test_a_run_without_a_date_is_shown_without() -> None:
    assert _graded("rfm", {"as_of": None, "evaluation": None}) == "as of ?"


def test_several_scores_are_told_apart() -> None:
    amount = {"error": 3.14159, "naive_error": 5.0, "correlation": 0.8}
    run = {**GRADED, "evaluation": {"means": {"a": {"auc": 0.5}, "b": amount}}}

    assert _graded("clv", run).endswith("a auc 0.5; b error 3.14, naive_error 5")


def test_figures_come_in_one_order_and_only_those_that_people_read() -> None:
    means = {"n": 900.0, "naive_error": 2.0, "error": 1.0, "skill": 0.1, "auc": 0.123456}

    assert _figures(means) == "auc 0.123, skill 0.1, error 1, naive_error 2"
    assert _figures({"n": 900.0}) == ""
