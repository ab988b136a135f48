"""The names that we import are ours, and the driver is the one that was tried."""

import importlib
import re
from importlib.metadata import distributions
from pathlib import Path

import neo4j
import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("graph", "loaders", "algorithms", "api")


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_comes_from_this_tree(name: str) -> None:
    module = importlib.import_module(name)

    assert Path(str(module.__file__)).parent == ROOT / name


@pytest.mark.parametrize("name", PACKAGES)
def test_no_other_installed_distribution_claims_a_package(name: str) -> None:
    claims = [
        distribution.metadata["Name"]
        for distribution in distributions()
        if name in (distribution.read_text("top_level.txt") or "").split()
        or any(str(file).startswith(f"{name}/") for file in distribution.files or [])
    ]

    assert set(claims) <= {"kith"}


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_says_that_it_is_typed(name: str) -> None:
    assert (ROOT / name / "py.typed").exists()


def test_the_driver_is_the_pinned_one() -> None:
    pinned = re.search(r"^neo4j==(.+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE)

    assert pinned is not None
    assert neo4j.__version__ == pinned[1]


def test_constraints_hold_names_and_versions_only() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()

    assert [
        line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line)
    ] == []
