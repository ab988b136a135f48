"""Whole registers, from rows to persons, with nothing set by their truth."""

from collections.abc import Callable

import pytest

from tests.registers import REAL, Register, graded, households, linked, made, two_files


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "f1", "b_cubed"),
    [
        ("splink_fake_1000", 0.945, 0.955),
        ("febrl1", 0.995, 0.995),
        ("febrl2", 0.998, 0.998),
        ("febrl3", 0.998, 0.998),
        ("rldata500", 0.97, 0.99),
    ],
)
def test_real_registers_are_resolved(name: str, f1: float, b_cubed: float) -> None:
    register = REAL[name]()

    grade = graded(linked(register).labels, register.truth)

    assert grade.f1 >= f1
    assert grade.b_cubed >= b_cubed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("register", "f1"),
    [
        (lambda: made([2] * 150 + [1] * 2700, seed=21), 0.93),
        (lambda: made([30] * 20 + [50] * 6 + [1] * 100, seed=22, slips=0.25), 0.97),
        (
            lambda: made([3] * 300, seed=23, columns=("given_name", "family_name", "birth_date")),
            0.95,
        ),
        (lambda: two_files(1500, overlap=800, seed=24), 0.96),
        (lambda: households(600, twice=0.15, seed=25), 0.85),
    ],
    ids=["very few duplicates", "large groups", "names and dates", "two files", "households"],
)
def test_made_registers_of_other_kinds_are_resolved(
    register: Callable[[], Register], f1: float
) -> None:
    told = register()

    grade = graded(linked(told).labels, told.truth)

    assert grade.f1 >= f1
    assert grade.precision >= 0.8


def test_a_small_register_is_resolved() -> None:
    register = made([2] * 50 + [1] * 200, seed=20)

    grade = graded(linked(register).labels, register.truth)

    assert grade.f1 >= 0.93


def test_nobody_is_joined_where_nobody_is_twice() -> None:
    register = made([1] * 400, seed=26)

    labels = linked(register).labels

    assert len(set(labels.tolist())) >= 398
