"""Signs of mean scores: the symbols that a marketing deck prints, and the rule behind them."""

import numpy as np
import pytest

from algorithms.rfm_signs import Thresholds, marks_of, symbols_of

# The printed table of means: clusters 2 to 6 (the symbols of cluster 1 are lost).
PRINTED = [
    ((3.00, 3.04, 2.94), "R0,F+,M-"),
    ((4.38, 4.93, 4.13), "R++,F++,M++"),
    ((2.00, 3.04, 2.98), "R--,F+,M-"),
    ((4.00, 2.94, 2.92), "R+,F-,M-"),
    ((5.00, 2.67, 2.88), "R++,F-,M-"),
]
OVERALL = {"R": 3.0025, "F": 3.02, "M": 3.00}


def table() -> list[dict[str, float]]:
    return [dict(zip("RFM", means, strict=True)) for means, _ in PRINTED]


def test_all_fifteen_printed_symbols_come_out() -> None:
    assert symbols_of(table(), OVERALL) == [symbol for _, symbol in PRINTED]


def test_rounding_the_overall_mean_first_would_misprint_a_cluster() -> None:
    rounded = symbols_of(table(), {**OVERALL, "R": 3.00})

    # the fifth cluster lies at 4.00, exactly one above 3.00
    assert rounded[3] == "R++,F-,M-"


def test_a_table_without_rows_has_no_symbols() -> None:
    assert symbols_of([], OVERALL) == []


@pytest.mark.parametrize(
    ("difference", "mark"),
    [
        (0.0, "0"),
        (0.0099, "0"),
        (-0.0099, "0"),
        (0.01, "+"),
        (-0.01, "-"),
        (0.9999, "+"),
        (1.0, "++"),
        (-1.0, "--"),
        (-3.0, "--"),
    ],
)
def test_thresholds_belong_to_what_lies_above_them(difference: float, mark: str) -> None:
    assert marks_of(np.array([difference]), Thresholds()).tolist() == [mark]


def test_thresholds_can_be_moved() -> None:
    wide = Thresholds(fine=0.5, coarse=2.0)

    assert symbols_of(table(), OVERALL, thresholds=wide) == [
        "R0,F0,M0",
        "R+,F+,M+",
        "R-,F0,M0",
        "R+,F0,M0",
        "R+,F0,M0",
    ]
