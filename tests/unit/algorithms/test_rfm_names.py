"""Names and classes of scores as a file, and what each of the 125 cells is called."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest

from algorithms.rfm_names import (
    CELLS,
    RfmNamesError,
    cells_of,
    home_names,
    names_as_text,
    names_from_text,
    read_rfm_names,
    shipped_names,
)
from graph.language import speaking
from graph.settings import read_settings

# The ten common names: the first whose ranges of R, F and M hold the scores.
COMMON = {
    "champions": ((4, 5), (4, 5), (4, 5)),
    "cant_lose_them": ((1, 1), (4, 5), (4, 5)),
    "loyal": ((2, 5), (3, 5), (3, 5)),
    "new": ((4, 5), (1, 1), (1, 1)),
    "promising": ((3, 4), (1, 1), (1, 1)),
    "potential_loyalist": ((3, 5), (1, 3), (1, 3)),
    "need_attention": ((2, 3), (2, 3), (2, 3)),
    "about_to_sleep": ((2, 3), (1, 2), (1, 2)),
    "at_risk": ((1, 2), (2, 5), (2, 5)),
    "lost": ((1, 2), (1, 2), (1, 2)),
}
ONE = """
[[segments]]
code = "all"
en = "All"
zh = "全部"
r = [1, 5]
f = [1, 5]
m = [1, 5]
"""


def file_of(folder: Path, text: str) -> Path:
    path = folder / "rfm.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_cell_has_the_first_common_name_that_holds_it() -> None:
    found = shipped_names().segment_names().tolist()

    for cell, name in zip(product(range(1, 6), repeat=3), found, strict=True):
        holds = [
            common
            for common, ranges in COMMON.items()
            if all(low <= s <= high for s, (low, high) in zip(cell, ranges, strict=True))
        ]
        assert name == (holds[0] if holds else "others")


def test_the_groups_of_the_deck_are_in_their_own_classes() -> None:
    clusters = np.array(
        [
            (1.00, 2.92, 3.00),
            (3.00, 3.04, 2.94),
            (4.38, 4.93, 4.13),
            (2.00, 3.04, 2.98),
            (4.00, 2.94, 2.92),
            (5.00, 2.67, 2.88),
        ]
    )

    labels = {c.code: c.zh for c in shipped_names().classes}
    classes = [labels[code] for code in shipped_names().class_names(clusters).tolist()]

    assert classes == ["价值较低", "重点发展", "重要保持", "一般重要", "重点发展", "重点发展"]


def test_the_best_cell_is_to_be_kept_and_the_worst_of_low_value() -> None:
    classes = dict(zip(map(tuple, CELLS.tolist()), shipped_names().class_names(), strict=True))

    assert classes[5, 5, 5] == "keep"
    assert classes[1, 1, 1] == "low_value"
    assert classes[2, 3, 3] == "ordinary"
    assert classes[3, 3, 3] == "develop"


def test_a_cell_is_the_row_of_its_scores() -> None:
    scores = (np.array([1, 5, 2]), np.array([1, 5, 3]), np.array([1, 5, 4]))

    cells = cells_of(scores)

    assert CELLS[cells].tolist() == [[1, 1, 1], [5, 5, 5], [2, 3, 4]]


def test_equally_near_classes_are_told_apart_by_their_order(tmp_path: Path) -> None:
    text = "".join(
        f'[[classes]]\ncode = "{code}"\nen = "x"\nzh = "x"\n'
        f"profiles = [{{ r = {r}, f = 3, m = 3 }}]\n"
        for code, r in (("b", 2), ("a", 4))
    )

    names = read_rfm_names(file_of(tmp_path, text))

    # 3, 3, 3 lies in the middle
    assert names.class_names(np.array([[3.0, 3.0, 3.0]])).tolist() == ["b"]


def test_a_file_replaces_the_lists_that_it_holds(tmp_path: Path) -> None:
    names = read_rfm_names(file_of(tmp_path, ONE))

    assert set(names.segment_names()) == {"all"}
    assert names.classes == shipped_names().classes


def test_a_home_may_have_a_file_of_its_own(tmp_path: Path) -> None:
    settings = read_settings(home=tmp_path)
    before = home_names(settings)
    file_of(tmp_path, ONE)

    after = home_names(settings)

    assert before == shipped_names()
    assert [segment.code for segment in after.segments] == ["all"]


def test_names_survive_the_way_through_a_parameter() -> None:
    assert names_from_text(names_as_text(shipped_names())) == shipped_names()


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        (ONE.replace("r = [1, 5]", "r = [0, 5]"), "segments.0.r.0", "greater than or equal to 1"),
        (ONE.replace("r = [1, 5]", "r = [5, 1]"), "segments.0.r", "the range 5 to 1 is empty"),
        (ONE.replace("r = [1, 5]", "r = [2, 5]"), "segments", "nobody names the scores 111"),
        (ONE.replace("r = [1, 5]\n", ""), "segments.0.r", "Field required"),
        (ONE.replace('"all"', '"All customers"'), "segments.0.code", "match pattern"),
        (ONE + ONE, "segments", "all is there twice"),
        ("segments = []\n", "segments", "at least 1"),
        ("classes = 3\n", "classes", "valid tuple"),
        ('[[classes]]\ncode = "a"\nen = "a"\nzh = "a"\nprofiles = []\n', "classes.0.profiles", "1"),
        ("colour = 1\n", "colour", "Extra inputs"),
        ("[segments\n", "file", "Expected"),
    ],
)
def test_a_wrong_file_is_refused_by_place_and_problem(
    tmp_path: Path, *, text: str, place: str, problem: str
) -> None:
    with pytest.raises(RfmNamesError, match=r"rfm\.toml") as refused:
        read_rfm_names(file_of(tmp_path, text))

    assert refused.value.facts["place"] == place
    assert problem in str(refused.value.facts["problem"])


def test_a_refusal_speaks_both_languages(tmp_path: Path) -> None:
    with pytest.raises(RfmNamesError) as refused:
        read_rfm_names(tmp_path / "nowhere.toml")

    with speaking("zh"):
        assert str(refused.value).startswith("RFM 命名规则")
