"""Statements about every load: the order of rows, files and loads does not matter."""

import csv
import io
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loaders.relations import Shift
from tests.loading import Row, Shop, company, part, source

pytestmark = pytest.mark.slow

Line = tuple[str, ...]
HEADER = ("no", "who", "day", "sku", "paid", "tel", "nick")

LINES = st.tuples(
    st.sampled_from(["O1", "O2", "O3", ""]),
    st.sampled_from(["A1", "A2", ""]),
    st.sampled_from(["2026-01-02", "2026-01-03 10:00", "31/02/2026"]),
    st.sampled_from(["S1", "S2"]),
    st.sampled_from(["5", "-2.5", "1.23456", ""]),
    st.sampled_from(["13812345678", "138 1234 5678", "13900001111", "12", ""]),
    st.sampled_from(["王芳", "Ann\x00", '</script>"', ""]),
)
TABLES = (
    part("accounts", "lines", account_key="who", handle="nick"),
    part(
        "identifiers",
        "lines",
        account_key="who",
        kind="'phone'",
        value="tel",
        first_seen_at="day",
        where_="tel <> ''",
    ),
    part("order_lines", "lines", order_key="no", product_key="sku", amount="paid"),
    part("events", "lines", account_key="who", at="day", kind="'viewed'", product_key="sku"),
)
# a load takes a third of a second, so the examples are few and dense
SLOW = settings(
    max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def manifest(*names: str) -> str:
    return company(*(source(n, files={"lines": f"{n}_*.csv"}, tables=list(TABLES)) for n in names))


def as_csv(lines: Sequence[Line]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADER)
    writer.writerows(lines)
    return text.getvalue()


def write(shop: Shop, name: str, *files: Sequence[Line]) -> None:
    for old in shop.data.glob(f"{name}_*.csv"):
        old.unlink()
    for number, lines in enumerate(files):
        shop.write(f"{name}_{number}.csv", as_csv(lines))


def held_of(folder: Path, **files: Sequence[Sequence[Line]]) -> dict[str, list[Row]]:
    """Load these files of these sources into a fresh home and return what it holds."""
    shop = Shop(folder)
    for name, contents in files.items():
        write(shop, name, *contents)
    shop.load(manifest(*files))
    return shop.held()


@SLOW
@given(lines=st.lists(LINES, min_size=4, max_size=12), data=st.data())
def test_the_order_of_rows_does_not_matter(lines: list[Line], data: st.DataObject) -> None:
    other = data.draw(st.permutations(lines))

    with tempfile.TemporaryDirectory() as folder:
        one = held_of(Path(folder) / "one", shop=[lines])
        two = held_of(Path(folder) / "two", shop=[other])

    assert one == two


@SLOW
@given(lines=st.lists(LINES, min_size=4, max_size=12, unique=True), cut=st.integers(1, 11))
def test_the_parting_into_files_and_their_order_does_not_matter(
    lines: list[Line], cut: int
) -> None:
    first, second = lines[: cut % len(lines) or 1], lines[cut % len(lines) or 1 :]

    with tempfile.TemporaryDirectory() as folder:
        whole = held_of(Path(folder) / "whole", shop=[lines])
        parted = held_of(Path(folder) / "parted", shop=[first, second])
        turned = held_of(Path(folder) / "turned", shop=[second, first])

    assert whole == parted == turned


@SLOW
@given(lines=st.lists(LINES, min_size=4, max_size=12))
def test_the_same_load_again_changes_nothing(lines: list[Line]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shop = Shop(Path(folder) / "shop")
        write(shop, "shop", lines)
        shop.load(manifest("shop"))
        once = shop.held()

        again = shop.load(manifest("shop"))

        assert not again.prepared.report.changed_anything
        assert again.prepared.files == {}
        assert again.prepared.vault == {}
        assert shop.held() == once


@SLOW
@given(
    shop_lines=st.lists(LINES, min_size=3, max_size=8),
    till_lines=st.lists(LINES, min_size=3, max_size=8),
)
def test_loading_two_sources_and_unloading_one_is_loading_the_other(
    shop_lines: list[Line], till_lines: list[Line]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        both = Shop(Path(folder) / "both")
        write(both, "shop", shop_lines)
        write(both, "till", till_lines)
        both.load(manifest("shop", "till"))
        both.unload("till")

        alone = held_of(Path(folder) / "alone", shop=[shop_lines])

        assert both.held() == alone


@SLOW
@given(
    before=st.lists(LINES, min_size=3, max_size=8), after=st.lists(LINES, min_size=3, max_size=8)
)
def test_replacing_a_source_is_loading_it_afresh(before: list[Line], after: list[Line]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shop = Shop(Path(folder) / "shop")
        write(shop, "shop", before)
        shop.load(manifest("shop"))
        write(shop, "shop", after)
        shop.load(manifest("shop"), replace=True)

        fresh = held_of(Path(folder) / "fresh", shop=[after])

        assert _without_empty(shop.held()) == _without_empty(fresh)


def _without_empty(held: dict[str, list[Row]]) -> dict[str, list[Row]]:
    return {name: rows for name, rows in held.items() if rows}


@SLOW
@given(lines=st.lists(LINES, min_size=4, max_size=12))
def test_every_row_is_accepted_or_rejected(lines: list[Line]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shop = Shop(Path(folder) / "shop")
        write(shop, "shop", lines)

        staged = shop.stage(manifest("shop"))

        for report in staged.prepared.report.tables:
            assert report.accepted + report.n_rejected == report.read
            assert len(staged.rejects(report.table)) == report.n_rejected
            assert report.accepted - report.duplicates == len(staged.rows(report.table))


@given(broken=st.sets(st.integers(2, 60)), last=st.integers(2, 60))
def test_a_row_keeps_its_number_among_broken_records(broken: set[int], last: int) -> None:
    good = [line for line in range(2, last + 1) if line not in broken]

    shift = Shift(sorted(broken))

    # DuckDB numbers the good records alone, from the one below the header on
    assert [shift.true_line(number) for number in range(2, len(good) + 2)] == good
