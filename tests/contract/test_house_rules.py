"""Sizes, docstrings and starting time: what a reader was promised."""

import ast
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = sorted(
    p for name in ("graph", "loaders", "algorithms", "api") for p in (ROOT / name).rglob("*.py")
)
TESTS = sorted((ROOT / "tests").rglob("*.py"))
SLOW = (
    "neo4j",
    "neomodel",
    "pandas",
    "pyarrow",
    "duckdb",
    "scipy",
    "igraph",
    "fastapi",
    "lifelines",
)

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def body_lines(function: Function) -> int:
    """Count the lines of a function from its first statement after the docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def n_lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_no_function_is_longer_than_forty_lines() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{f.lineno} {f.name} {body_lines(f)}"
        for path in CODE
        for f in functions(path)
        if body_lines(f) > 40
    ]

    assert long == []


def test_half_of_the_functions_fit_in_eight_lines_and_nine_tenths_in_twenty_five() -> None:
    lengths = [body_lines(f) for path in CODE for f in functions(path)]

    assert statistics.median(lengths) <= 8
    assert statistics.quantiles(lengths, n=10)[-1] <= 25


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    long = {str(p.relative_to(ROOT)): n_lines(p) for p in [*CODE, *TESTS] if n_lines(p) > 400}

    assert long == {}


def test_nine_tenths_of_the_files_stay_under_three_hundred_lines() -> None:
    assert statistics.quantiles([n_lines(p) for p in CODE], n=10)[-1] <= 300


def test_there_is_more_test_code_than_code() -> None:
    ratio = sum(map(n_lines, TESTS)) / sum(map(n_lines, CODE))

    assert ratio >= 1.2


@pytest.mark.parametrize("path", CODE, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_opens_with_its_reason(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_the_command_line_starts_without_slow_libraries() -> None:
    program = (
        "import sys; from typer.testing import CliRunner; from api.cli import app; "
        "result = CliRunner().invoke(app, ['--help']); assert result.exit_code == 0; "
        f"print([name for name in {SLOW!r} if name in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
