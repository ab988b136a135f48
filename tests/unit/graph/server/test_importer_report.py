"""The importer's report is read for what it counted or why it failed."""

from pathlib import Path

import pytest

from graph.server.importer import ImportCounts, counts_of, problem_of

CONSOLES = Path(__file__).with_name("consoles")


def test_the_counts_are_those_at_the_end() -> None:
    report = (CONSOLES / "import-done.txt").read_text()

    counts = counts_of(report, seconds=0.8)

    assert counts == ImportCounts(nodes=2, relationships=1, properties=4, seconds=0.8)


def test_large_counts_are_read_whole() -> None:
    report = "Imported:\n  1500000 nodes\n  15000000 relationships\n  41500000 properties\n"

    counts = counts_of(report, seconds=74.0)

    assert counts == ImportCounts(1_500_000, 15_000_000, 41_500_000, 74.0)


def test_estimates_are_no_counts() -> None:
    report = "  Estimated number of nodes: 7.00 \n  Estimated number of relationships: 9.00 \n"

    counts = counts_of(report, seconds=1.0)

    assert (counts.nodes, counts.relationships) == (0, 0)


def test_the_problem_is_the_first_cause_without_the_raw_value() -> None:
    report = (CONSOLES / "import-dangling.txt").read_text()

    problem = problem_of(report)

    assert problem == "a1 (Account)-[KNOWS]->zz (Account) referring to missing node zz"


@pytest.mark.parametrize(
    ("report", "problem"),
    [
        ("Unknown option: '--nodez'\n", "Unknown option: '--nodez'"),
        (
            "Caused by: x.DuplicateInputIdException: Id 'a1' is defined more than once\n",
            "x.DuplicateInputIdException: Id 'a1' is defined more than once",
        ),
        ("java.lang.IllegalArgumentException: File 'n.csv' doesn't exist\n",) * 2,
    ],
)
def test_other_failures_are_quoted(report: str, problem: str) -> None:
    found = problem_of(report)

    assert found == problem.strip()
