"""How lists of leaders, one person, bridges, grades and attacks look on paper."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from rich.cells import cell_len

from algorithms.influence.attacks import ATTACKS, Moved
from algorithms.influence.evaluation import CUTS, HORIZON_DAYS, Graded
from algorithms.influence.grading import CutGrade
from algorithms.influence.settings import InfluenceParameters
from algorithms.rankings import ListGrade
from api import output
from api.commands import judging, leaders
from api.commands.judging import Asked
from api.views import View
from graph.language import Language, speaking
from graph.settings import Settings, read_settings

AS_OF = datetime(2026, 3, 2, tzinfo=UTC)
Printed = pytest.CaptureFixture[str]


def item(rank: int, who: str, **more: object) -> View:
    plain: View = {**dict.fromkeys(leaders.FILED), "warnings": [], "flags": [], "consents": []}
    reason = f"Rank {rank} of 40."
    return {**plain, "rank": rank, "customer_id": who, "explanation": reason, **more}


def a_list(*items: View, **more: object) -> View:
    plain: View = {"as_of": AS_OF, "n": 40, "grade": "graded well", "notes": [], "run": None}
    return {**plain, "items": [*items], **more}


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", "as of 2026-03-02, 40 people were answered"), ("zh", "截至 2026-03-02，40 人得到回复")],
)
def test_a_list_begins_with_its_date_and_its_size(
    capsys: Printed, language: Language, expected: str
) -> None:
    with speaking(language):
        leaders.show(a_list(item(1, "c1")))

    first, second, *_ = capsys.readouterr().out.splitlines()
    assert (first, second) == (expected, "graded well")


def test_a_list_of_no_date_says_so(capsys: Printed) -> None:
    leaders.show(a_list(as_of=None))

    assert "as of ?, 40 people" in capsys.readouterr().out


def test_who_has_no_nickname_goes_by_their_id(capsys: Printed) -> None:
    leaders.show(a_list(item(1, "c1", handle="🐱"), item(2, "c2"), item(3, "c3", handle="")))

    printed = capsys.readouterr().out
    assert "🐱: Rank 1 of 40." in printed
    assert "c2: Rank 2 of 40." in printed
    assert "c3: Rank 3 of 40." in printed


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ("c9: left the list, was 2", " then ")),
        ("zh", ("c9: 已离开榜单，原第 2 名", " 当时 ")),
    ],
)
def test_who_left_the_list_is_told_with_the_former_rank(
    capsys: Printed, language: Language, expected: tuple[str, str]
) -> None:
    with speaking(language):
        leaders.show(a_list(item(1, "c1", rank_then=4), left=[item(2, "c9")]))

    printed = capsys.readouterr().out
    assert all(part in printed for part in expected)


@pytest.mark.parametrize("columns", [80, 100, 150, 200])
def test_ids_stand_in_one_line_on_terminals_of_any_width(
    capsys: Printed, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    for module in (leaders, output):
        monkeypatch.setattr(module, "room", lambda: columns)
    ids = [f"c{number:015x}" for number in range(3)]
    figures = {"score": 137.123, "repliers": 1_420, "recent_repliers": 371, "previous_rank": 12}
    names = ["一只西瓜🍉5459", "Ｌｕｃｋｙｓｔａｒ3773", "a rather long nickname of somebody"]
    more = {"circle_id": "20260630T155946-01", "topic": "户外", "broker_rank": 12, "orders": 3}

    leaders.show(
        a_list(*(item(1, i, handle=n, **figures, **more) for i, n in zip(ids, names, strict=True)))
    )

    table = [line for line in capsys.readouterr().out.splitlines() if line.startswith(("┃", "│"))]
    assert all(any(f" {one} " in line for line in table) for one in ids)
    assert max(cell_len(line) for line in table) <= columns
    assert any("20260630T155946-01" in line for line in table) == (columns >= 150)


def test_notes_come_last(capsys: Printed) -> None:
    leaders.show(a_list(item(1, "c1"), notes=["First.", "Second."]))

    assert capsys.readouterr().out.splitlines()[-2:] == ["First.", "Second."]


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([], None),
        ([("marketing", "sms", False)], None),
        ([("profiling", None, True), ("marketing", "sms", True)], "marketing:sms, profiling"),
        ([("marketing", "sms", True), ("marketing", "email", False)], "marketing:sms"),
    ],
)
def test_a_filed_list_says_what_each_agrees_to(
    tmp_path: Path, statements: list[tuple[str, str | None, bool]], expected: str | None
) -> None:
    consents = [{"purpose": p, "channel": c, "granted": g} for p, c, g in statements]
    settings: Settings = read_settings(home=tmp_path)

    leaders._file(
        a_list(item(1, "c1", consents=consents)), tmp_path / "l.parquet", settings=settings
    )

    (row,) = pq.read_table(tmp_path / "l.parquet").to_pylist()
    assert (row["consents"] or None) == expected
    assert (row["customer_id"], row["rank"]) == ("c1", 1)


# ---------------------------------------------------------------- grades and attacks


def graded(*levels: float) -> Graded:
    params = InfluenceParameters.model_validate({"as_of": AS_OF})
    cuts = tuple(
        CutGrade(
            30.0 * (i + 1),
            100 + i,
            10,
            {"score": ListGrade(level, 0.5, 0.25), "in_degree": ListGrade(0.4, 0.3, 0.2)},
            None,
            60.0,
        )
        for i, level in enumerate(levels)
    )
    return Graded(params, AS_OF - timedelta(days=120), AS_OF, cuts, 30)


def rows_with(printed: str, word: str) -> list[str]:
    return [line for line in printed.splitlines() if word in line]


def test_every_cut_has_a_row_with_its_date_and_people(capsys: Printed) -> None:
    judging.show(graded(0.6, 0.7))

    printed = capsys.readouterr().out
    (first,) = rows_with(printed, "2025-12-02")
    (second,) = rows_with(printed, "2026-01-01")
    assert "100" in first
    assert "101" in second


def test_the_score_has_no_verdict_against_itself(capsys: Printed) -> None:
    judging.show(graded(0.5, 0.3, 0.6))

    printed = capsys.readouterr().out
    (baseline,) = [line for line in rows_with(printed, "│ in_degree") if "/" in line]
    assert "2/3" in baseline
    assert sum("2/3" in line or "1/3" in line for line in rows_with(printed, "│")) == 1


def test_without_a_cut_the_tables_are_empty_and_no_fault(capsys: Printed) -> None:
    judging.show(graded())

    assert "in_degree" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("language", "title"), [("en", "means over the cuts"), ("zh", "各截断点均值")]
)
def test_means_have_a_title(capsys: Printed, language: Language, title: str) -> None:
    with speaking(language):
        judging.show(graded(0.6))

    assert title in capsys.readouterr().out


@pytest.mark.parametrize("language", ["en", "zh"])
def test_attacks_are_named_in_words_with_what_they_move(
    capsys: Printed, language: Language
) -> None:
    before = dict.fromkeys(judging.FORMS, 200.0)
    moved = [Moved(a, 700, before, {**before, "strict": 203.0, "replies": 1.0}) for a in ATTACKS]

    with speaking(language):
        judging._show_attacks(moved, as_json=False)

    printed = capsys.readouterr().out
    assert printed.count("1.5%") == len(ATTACKS)
    assert printed.count("200 → 203") == len(ATTACKS)
    assert printed.count("200 → 1") == len(ATTACKS)


def test_numbers_that_nobody_gave_are_the_usual_ones() -> None:
    usual, own = (judging._plan(Asked(c, h, {})) for c, h in ((None, None), (3, 14)))

    assert (usual.cuts, usual.horizon_days) == (CUTS, HORIZON_DAYS)
    assert (own.cuts, own.horizon_days) == (3, 14)


@pytest.mark.parametrize(("name", "expected"), [("influence", True), ("churn", False)])
def test_influence_is_judged_by_replies_and_churn_by_purchases(
    name: str, *, expected: bool
) -> None:
    assert judging.is_by_replies(name) == expected
