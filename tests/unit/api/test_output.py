"""What is printed: figures as people read them, JSON as programs do, each on its own stream."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from api.output import emit_error, emit_json, emit_table, note, plain, progress, say, shown
from graph.errors import NotFoundError
from graph.language import Text, speaking


class CupMissingError(NotFoundError):
    """No cup of this name."""

    text = Text("There is no cup {name!r}.", "没有杯子 {name!r}。")


def cells(out: str) -> list[list[str]]:
    """Return the rows of a printed table, without its head."""
    rows = [line for line in out.splitlines() if line.startswith("│")]
    return [[cell.strip() for cell in row.split("│")[1:-1]] for row in rows]


# ------------------------------------------------------------------------------- figures


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (999, "999"),
        (1234567, "1,234,567"),
        (-1234, "-1,234"),
        (0.0, "0"),
        (0.5, "0.5"),
        (0.123456, "0.1235"),
        (12.3456, "12.35"),
        (1000.0, "1,000.00"),
        (1234.567, "1,234.57"),
        (-98765.4321, "-98,765.43"),
        ("tea", "tea"),
        ("", ""),
        (date(2026, 3, 31), "2026-03-31"),
        (["a", 1234, None], "a, 1,234, "),
        ((1, 2.5), "1, 2.5"),
        ({"orders": 1234, "posts": 0}, "orders 1,234, posts 0"),
        ({"deep": {"a": [1, 2]}}, "deep a 1, 2"),
        ([], ""),
    ],
)
def test_a_value_is_shown_as_people_read_it(value: object, text: str) -> None:
    assert shown(value) == text


def test_a_text_is_one_sentence_and_no_list() -> None:
    with speaking("zh"):
        assert shown(Text("tea", "茶")) == "茶"
        assert shown([Text("tea", "茶"), Text("silk", "丝")]) == "茶, 丝"


# --------------------------------------------------------------------------------- JSON


def test_json_keeps_chinese_and_writes_times_as_iso(capsys: pytest.CaptureFixture[str]) -> None:
    at = datetime(2026, 3, 31, 18, 5, tzinfo=UTC)

    emit_json({"name": "茶", "at": at, "day": at.date(), "n": 1, "none": None})

    out = capsys.readouterr().out
    assert "茶" in out
    assert json.loads(out) == {
        "name": "茶",
        "at": "2026-03-31T18:05:00+00:00",
        "day": "2026-03-31",
        "n": 1,
        "none": None,
    }


@pytest.mark.parametrize(
    ("value", "text"), [(Path("a") / "b", "a/b"), (Decimal("1.50"), "1.50"), ({1}, "{1}")]
)
def test_what_json_has_no_form_for_is_a_text(value: object, text: str) -> None:
    assert plain(value) == text


# ------------------------------------------------------------------------------- streams


def test_results_and_remarks_do_not_mix(capsys: pytest.CaptureFixture[str]) -> None:
    say("a result")
    note("a remark")

    said = capsys.readouterr()
    assert (said.out, said.err) == ("a result\n", "a remark\n")


def test_an_error_for_people_is_its_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    emit_error(CupMissingError(name="C1"), as_json=False)

    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "There is no cup 'C1'.\n")


def test_an_error_for_programs_has_a_code_that_no_language_changes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with speaking("zh"):
        emit_error(CupMissingError(name="C1"), as_json=True)

    said = capsys.readouterr()
    assert said.out == ""
    assert json.loads(said.err) == {"code": "cup-missing-error", "message": "没有杯子 'C1'。"}


# -------------------------------------------------------------------------------- tables


def test_a_table_has_a_line_for_each_row(capsys: pytest.CaptureFixture[str]) -> None:
    emit_table(["name", "n"], [["tea", 1234], ["silk", None]], title="cups")

    out = capsys.readouterr().out
    assert out.splitlines()[0].strip() == "cups"
    assert cells(out) == [["tea", "1,234"], ["silk", ""]]


def test_numbers_stand_to_the_right_and_words_to_the_left(
    capsys: pytest.CaptureFixture[str],
) -> None:
    emit_table(["a long name", "a long number"], [["tea", 12], ["silk", 3.5]])

    first = next(line for line in capsys.readouterr().out.splitlines() if "tea" in line)
    name, number = first.split("│")[1:3]
    assert name.startswith(" tea   ")
    assert number.endswith("   12 ")


def test_a_column_with_one_word_is_no_column_of_numbers(
    capsys: pytest.CaptureFixture[str],
) -> None:
    emit_table(["a long number"], [[1], ["x"]])

    first = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("│ 1"))
    assert first.rstrip("│").endswith("   ")


def test_a_table_without_rows_is_a_head(capsys: pytest.CaptureFixture[str]) -> None:
    emit_table(["name", "n"], [])

    out = capsys.readouterr().out
    assert "name" in out
    assert cells(out) == []


@pytest.mark.parametrize("text", ["till:tea:1", ":star:", "[bold]tea[/bold]", "[link=x]", "[/]"])
def test_nothing_in_a_value_is_a_sign_of_the_printer(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    emit_table(["name"], [[text]], title=text)

    out = capsys.readouterr().out
    assert cells(out) == [[text]]
    assert out.splitlines()[0].strip() == text


def test_a_long_value_is_folded_and_never_cut(capsys: pytest.CaptureFixture[str]) -> None:
    emit_table(["name"], [["x" * 500]])

    assert capsys.readouterr().out.count("x") == 500


def test_a_bar_is_silent_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("writing", total=10) as advance:
        advance(4)
        advance(6)

    said = capsys.readouterr()
    assert (said.out, said.err.strip()) == ("", "")
