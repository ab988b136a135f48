"""``kith cypher`` and ``kith queries``: how parameters are read and answers printed."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.commands.cypher import Format, ParamError, params_of, show_answer
from graph.guard import Answer
from graph.guard_plan import Operator
from graph.plain import Plain
from graph.queries import named_queries
from tests.in_process import CommandLine

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False, width=32),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
).filter(lambda value: "Infinity" not in json.dumps(value))


def answer(*rows: list[Plain], truncated_by: str = "") -> Answer:
    plan = Operator("ProduceResults", "", 1.0, 0)
    return Answer(("name", "value"), list(rows), truncated_by, 0, 0.25, plan)


# --------------------------------------------------------------------------- parameters


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("top=5", "top", 5),
        ("share=0.5", "share", 0.5),
        ("name=tea", "name", "tea"),
        ('name="5"', "name", "5"),
        ("flag=true", "flag", True),
        ("none=null", "none", None),
        ("ids=[1, 2]", "ids", [1, 2]),
        ("name=", "name", ""),
        ("sum=a=b", "sum", "a=b"),
        (" top =5", "top", 5),
        ("phone=0138", "phone", "0138"),
        ("name=NaN", "name", "NaN"),
        ("name=Infinity", "name", "Infinity"),
        ("name=-Infinity", "name", "-Infinity"),
        ("ids=[NaN]", "ids", "[NaN]"),
    ],
)
def test_a_value_is_json_or_else_text(text: str, name: str, value: object) -> None:
    assert params_of([text]) == {name: value}


def test_a_number_too_long_to_be_one_is_text() -> None:
    digits = "9" * 5000

    assert params_of([f"n={digits}"]) == {"n": digits}


@given(JSON_VALUES)
def test_whatever_json_says_is_understood(value: object) -> None:
    assert params_of([f"x={json.dumps(value)}"]) == {"x": value}


@pytest.mark.parametrize("text", ["top", "=5", " =5", ""])
def test_what_has_no_name_or_no_sign_is_refused(text: str) -> None:
    with pytest.raises(ParamError) as caught:
        params_of(["fine=1", text])

    assert caught.value.facts == {"given": text}


def test_the_last_of_two_values_holds() -> None:
    assert params_of(["a=1", "a=2", "b=3"]) == {"a": 2, "b": 3}


# ------------------------------------------------------------------------------ answers


def test_rows_as_json_keep_their_types(capsys: pytest.CaptureFixture[str]) -> None:
    show_answer(answer(["茶", 1], ["silk", None]), Format.JSON)

    assert json.loads(capsys.readouterr().out) == {
        "columns": ["name", "value"],
        "rows": [["茶", 1], ["silk", None]],
        "truncated": False,
        "seconds": 0.25,
    }


def test_rows_as_csv_are_read_back(capsys: pytest.CaptureFixture[str]) -> None:
    show_answer(answer(['a "b",\nc', 1.5], ["d", ["x", 2]]), Format.CSV)

    read = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert read == [["name", "value"], ['a "b",\nc', "1.5"], ["d", '["x", 2]']]


def test_rows_as_a_table_show_every_value(capsys: pytest.CaptureFixture[str]) -> None:
    show_answer(answer(["tea", 1234]), Format.TABLE)

    out = capsys.readouterr().out
    assert "tea" in out
    assert "1,234" in out


@pytest.mark.parametrize("form", list(Format))
def test_missing_rows_are_said_beside_the_rows(
    form: Format, capsys: pytest.CaptureFixture[str]
) -> None:
    show_answer(answer(["tea", 1], truncated_by="rows"), form)

    said = capsys.readouterr()
    assert "only the first 1 rows are shown" in said.err
    assert "only the first" not in said.out


def test_no_rows_are_a_header_alone(capsys: pytest.CaptureFixture[str]) -> None:
    show_answer(answer(), Format.CSV)

    assert capsys.readouterr().out == "name,value\n"


# ----------------------------------------------------------------------------- commands


def test_named_queries_are_listed_with_their_defaults(kith: CommandLine) -> None:
    listed = kith.run("queries", "--json").json

    assert isinstance(listed, list)
    assert [q["name"] for q in listed] == list(named_queries())
    best = next(q for q in listed if q["name"] == "best_customers")
    assert best["parameters"] == {"top": 20}


def test_named_queries_for_people_say_what_they_answer(kith: CommandLine) -> None:
    out = kith.run("queries").out

    assert "best_customers" in out
    assert "top" in out


@pytest.mark.parametrize("options", [["--format", "xml"], ["--limit", "0"]], ids=str)
def test_wrong_options_are_wrong_usage(kith: CommandLine, options: list[str]) -> None:
    kith.run("cypher", "RETURN 1", *options, code=2)

    assert not (kith.home / "server").exists()
