"""A load up to the graph: what stops it, what it leaves, what it tells."""

import errno
import logging
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from graph.errors import KithError
from graph.home import CompanyError, read_home
from graph.language import speaking
from graph.vault import VaultError
from loaders import extract as extracting
from loaders import load as loading
from loaders.errors import (
    CurrencyError,
    MemoryShortError,
    StagingFullError,
    TooMuchDeletedError,
    UnknownSourceError,
    is_disk_full,
    room_watched,
)
from loaders.load import Options, begin_load, empty_tmp, stage_manifest
from loaders.rejects import Reject, rejects_file, write_rejects
from loaders.report import LoadReport, TableReport
from tests.loading import Shop, company, part, source

ORDERS = part(
    "orders", "lines", order_key="no", account_key="who", ordered_at="day", currency="cur"
)
NAMED = part("accounts", "lines", account_key="who", full_name="no", distinct_="true")
TEXT = company(source(files={"lines": "lines.csv"}, tables=[ORDERS, NAMED]))
HEADER = "no,who,day,cur\n"
SHORT = "Out of Memory Error: could not allocate block of size 1.4 GiB"
GOOD = f"{HEADER}O1,A1,2026-01-02,CNY\n"


# --------------------------------------------------------------------- what stops a load


def test_orders_in_another_currency_stop_the_load_and_name_it(shop: Shop) -> None:
    shop.write(
        "lines.csv", f"{HEADER}O1,A1,2026-01-02,CNY\nO2,A1,2026-01-02,USD\nO3,A1,2026-01-02,EUR\n"
    )

    with pytest.raises(
        CurrencyError, match="orders are in EUR, USD, the company's currency is CNY"
    ):
        shop.stage(TEXT)


@pytest.mark.parametrize("written", ["CNY", "cny", ""])
def test_the_companys_currency_may_be_written_small_or_left_out(shop: Shop, written: str) -> None:
    shop.write("lines.csv", f"{HEADER}O1,A1,2026-01-02,{written}\n")

    assert len(shop.stage(TEXT).rows("orders")) == 1


def test_another_company_is_refused_and_told_to_take_another_home(shop: Shop) -> None:
    shop.write("lines.csv", GOOD)
    shop.load(TEXT)

    with pytest.raises(CompanyError, match="This home holds 'Lantern'"):
        shop.stage(TEXT.replace('"Lantern"', '"Other"'))


def test_a_vault_that_cannot_be_read_stops_the_load(shop: Shop) -> None:
    shop.write("lines.csv", GOOD)
    shop.load(TEXT)
    (file,) = (shop.settings.home / "vault").iterdir()
    file.write_bytes(file.read_bytes()[:-20])
    before = shop.held()
    shop.write("lines.csv", GOOD.replace("O1", "O2"))

    with pytest.raises(VaultError):
        shop.stage(TEXT)

    assert shop.held() == before
    assert not list((shop.settings.home / "staging").glob(".load-*"))


def test_a_load_that_stops_leaves_neither_staging_nor_rejects(shop: Shop) -> None:
    shop.write("lines.csv", f"{GOOD}O2,A1,nonsense,CNY\n")
    shop.load(TEXT)
    told = rejects_file(shop.settings, "shop", table="orders").read_text()
    shop.write("lines.csv", f"{GOOD}O3,A1,2026-01-02,USD\n")

    with pytest.raises(CurrencyError):
        shop.stage(TEXT)

    assert not list((shop.settings.home / "staging").glob(".load-*"))
    assert rejects_file(shop.settings, "shop", table="orders").read_text() == told


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError("IO Error: Could not write all bytes: No space left on device"),
        OSError("Out of Memory Error: ... max_temp_directory_size"),
    ],
)
def test_a_full_disk_is_told_as_one(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    shop.write("lines.csv", GOOD)

    def full(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(extracting, "typed_query", full)

    with pytest.raises(StagingFullError, match="There is no room left on the disk of"):
        shop.stage(TEXT)

    assert not list((shop.settings.home / "staging").glob(".load-*"))


def test_too_little_memory_is_told_with_the_setting_to_change(shop: Shop) -> None:
    with (
        pytest.raises(MemoryShortError, match="more memory than the 1GB of the setting memory"),
        room_watched(shop.settings),
    ):
        raise OSError(SHORT)


def test_another_error_of_the_system_stays_what_it_is(shop: Shop) -> None:
    with pytest.raises(PermissionError), room_watched(shop.settings):
        raise PermissionError(1, "no")

    assert not is_disk_full(PermissionError(1, "no"))


def test_a_source_that_was_never_loaded_cannot_be_unloaded(shop: Shop) -> None:
    shop.write("lines.csv", GOOD)
    shop.load(TEXT)

    with pytest.raises(
        UnknownSourceError, match=r"There is no source 'till'\. Loaded sources: shop"
    ):
        shop.unload("till")


def test_deleting_a_fifth_of_a_label_asks_to_be_confirmed(shop: Shop) -> None:
    rows = [f"O{number},A1,2026-01-02,CNY" for number in range(500)]
    shop.write("lines.csv", HEADER + "\n".join(rows) + "\n")
    shop.load(TEXT)
    shop.write("lines.csv", HEADER + "\n".join(rows[:399]) + "\n")

    staged = shop.stage(TEXT, replace=True)

    with pytest.raises(
        TooMuchDeletedError, match=r"This would delete 101 of 500 Order\. Add --yes"
    ):
        loading._refuse_much_deleted(staged.prepared)
    assert not staged.prepared.folder.exists()


@pytest.mark.parametrize("left", [401, 400])
def test_deleting_a_fifth_or_less_is_done(shop: Shop, left: int) -> None:
    rows = [f"O{number},A1,2026-01-02,CNY" for number in range(500)]
    shop.write("lines.csv", HEADER + "\n".join(rows) + "\n")
    shop.load(TEXT)
    shop.write("lines.csv", HEADER + "\n".join(rows[:left]) + "\n")

    staged = shop.stage(TEXT, replace=True)

    loading._refuse_much_deleted(staged.prepared)
    assert staged.prepared.folder.exists()


# --------------------------------------------------------------------- what a load leaves


def test_staging_changes_nothing_that_holds(shop: Shop) -> None:
    shop.write("lines.csv", GOOD)
    shop.load(TEXT)
    before = shop.held()
    shop.write("lines.csv", f"{GOOD}O2,A2,2026-01-03,CNY\n")

    shop.stage(TEXT)

    assert shop.held() == before


def test_unloading_leaves_only_what_others_named(shop: Shop) -> None:
    shop.write("lines.csv", GOOD)
    both = company(
        source(files={"lines": "lines.csv"}, tables=[ORDERS, NAMED]),
        source("till", files={"lines": "lines.csv"}, tables=[ORDERS]),
    )
    shop.load(both)

    shop.unload("shop")

    assert {row["order_id"] for row in shop.held()["Order"]} == {"till:O1"}
    assert not (shop.settings.home / "staging" / "shop" / "orders.parquet").exists()
    assert not list((shop.settings.home / "vault").iterdir())
    assert [s.name for s in read_home(shop.settings).sources] == ["till"]


def test_rejects_of_an_earlier_load_go_when_there_are_none(shop: Shop) -> None:
    shop.write("lines.csv", f"{GOOD}O2,A1,nonsense,CNY\n")
    shop.load(TEXT)
    shop.write("lines.csv", GOOD)

    staged = shop.load(TEXT)

    assert staged.rejects("orders") == []
    assert not rejects_file(shop.settings, "shop", table="orders").exists()


def test_the_folder_of_temporary_copies_can_be_emptied(shop: Shop) -> None:
    (shop.settings.tmp / "sub").mkdir()
    (shop.settings.tmp / "copy.csv").write_text("x")

    empty_tmp(shop.settings)

    assert list(shop.settings.tmp.iterdir()) == []


def test_what_a_load_is_called_sorts_by_time(shop: Shop) -> None:
    prepared = begin_load(shop.settings, options=Options())

    assert prepared.report.load_id.startswith(f"{prepared.now:%Y%m%dT%H%M%S}-")
    assert prepared.now.microsecond % 1000 == 0


def test_the_stages_are_told_and_timed(shop: Shop) -> None:
    shop.write("lines.csv", GOOD)
    told: list[str] = []
    options = Options(on_stage=told.append)

    prepared = stage_manifest(shop.settings, shop.manifest(TEXT), data=shop.data, options=options)

    assert told == ["stage", "picture"] == list(prepared.report.seconds)


def test_a_load_logs_counts_and_no_rows(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    shop.write("lines.csv", GOOD)

    shop.stage(TEXT)

    assert [record.getMessage() for record in caplog.records] == [
        "staged shop.accounts: 1 rows",
        "staged shop.orders: 1 rows",
    ]


# ------------------------------------------------------------------------ rows and texts


def test_many_rows_of_one_customer_are_many_rows(shop: Shop) -> None:
    rows = "".join(f"O{number},A1,2026-01-02,CNY\n" for number in range(200_000))
    shop.write("lines.csv", HEADER + rows)

    staged = shop.stage(TEXT)

    assert staged.report("orders").accepted == 200_000
    placed = staged.prepared.folder / "picture" / "Account-PLACED-Order.parquet"
    assert pq.read_metadata(placed).num_rows == 200_000


def test_control_characters_in_a_nickname_are_removed_and_counted(shop: Shop) -> None:
    shop.write("people.csv", "id,nick\nA1,</script>\x00\nA2,fine\nA3,\x01\x02\n")
    people = part("accounts", "people", account_key="id", handle="nick")

    staged = shop.stage(company(source(files={"people": "people.csv"}, tables=[people])))

    assert [row["handle"] for row in staged.rows("accounts")] == ["</script>", "fine", None]
    assert staged.report("accounts").cleaned == 2
    assert staged.rejects("accounts") == []


def test_texts_are_kept_only_where_the_source_is_public(shop: Shop) -> None:
    shop.write("posts.csv", "id,who,day,said\nP1,A1,2026-01-02,你好\x07\n")
    posts = part("posts", "posts", post_key="id", account_key="who", posted_at="day", text="said")

    private, public = (
        shop.stage(company(source(files={"posts": "posts.csv"}, tables=[posts], text=text)))
        for text in ("none", "public")
    )

    assert [row["text"] for row in private.rows("posts")] == [None]
    assert [row["text"] for row in public.rows("posts")] == ["你好"]
    assert (private.report("posts").cleaned, public.report("posts").cleaned) == (0, 1)


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("price", "-1", "out-of-range"),
        ("price", "1.23456", "not-money-of-four-decimals"),
        ("product_key", "x" * 10_000, "not-a-key"),
        ("product_key", "", "missing"),
        ("name", "x" * 2001, "too-long"),
        ("listed_at", "31/02/2026", "not-a-time"),
        ("attributes", "[1]", "not-an-object"),
    ],
)
def test_a_bad_value_rejects_its_row_with_its_place_and_rule(
    shop: Shop, column: str, value: str, rule: str
) -> None:
    columns = {"product_key": "id", "name": "id", column: "bad"}
    shop.write("goods.csv", f"id,bad\nS1,{value}\n")
    goods = part("products", "goods", **columns)

    staged = shop.stage(company(source(files={"goods": "goods.csv"}, tables=[goods])))

    ((file, line, named, broken, shown),) = staged.rejects("products")
    assert (file, line, named, broken) == ("goods.csv", "2", column, rule)
    # a sign that a spreadsheet takes for a formula is kept from it
    assert shown in (value[:80], f"'{value[:80]}")
    assert staged.report("products").rejected == {f"{column}: {rule}": 1}


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]])
def test_rows_are_the_same_in_whatever_batches_they_come(shop: Shop, order: list[int]) -> None:
    rows = ["A1,12,31/02/2026", "A2,13812345678,2026-01-02", "A3,,", "A4,x,2026-01-02"]
    for number, row in enumerate(rows[n] for n in order):
        shop.write(f"people_{number}.csv", f"id,tel,day\n{row}\n")  # each file is a batch
    phones = part(
        "identifiers", "people", account_key="id", kind="'phone'", value="tel", first_seen_at="day"
    )

    staged = shop.stage(company(source(files={"people": "people_*.csv"}, tables=[phones])))

    assert [row["account_id"] for row in staged.rows("identifiers")] == ["shop:A2"]
    assert staged.report("identifiers").n_rejected == 3


# --------------------------------------------------------------------------- the reports


def test_a_report_counts_what_was_read_kept_and_refused(shop: Shop) -> None:
    shop.write("lines.csv", f"{GOOD}O1,A1,2026-01-02,CNY\nO2,A2,soon,CNY\nO3\n")

    staged = shop.stage(TEXT)

    counts = staged.report("orders").counts()
    assert counts["rejected"] == {"missing-columns": 1, "ordered_at: not-a-time": 1}
    assert (counts["read"], counts["accepted"], counts["duplicates"], counts["new"]) == (4, 2, 1, 1)
    assert staged.prepared.report.n_rejected == 3  # the broken record is one of accounts too


def test_a_report_tells_whether_anything_changes() -> None:
    report = LoadReport("L1", tables=[TableReport("shop", "orders", read=2)])

    assert not report.changed_anything
    assert report.empty_tables == ["shop.orders"]
    report.removed["Order"] = 1
    assert report.changed_anything


def test_rejects_are_sorted_and_kept_from_being_formulas(tmp_path: Path) -> None:
    path = tmp_path / "rejects" / "shop.orders.csv"
    rejects = [
        Reject("b.csv", 2, "no", "not-a-key", '=cmd|"/c calc"!A1'),
        Reject("a.csv", 10, "no", "not-a-key", "x"),
        Reject("a.csv", 9, "no", "not-a-key", "-1"),
    ]

    write_rejects(path, rejects, total=5)

    assert path.read_text().splitlines() == [
        "file,line,column,rule,value",
        "a.csv,9,no,not-a-key,'-1",
        "a.csv,10,no,not-a-key,x",
        'b.csv,2,no,not-a-key,"\'=cmd|""/c calc""!A1"',
        ",,,2 more,",
    ]


def test_every_error_of_loading_speaks_both_languages() -> None:
    for kind in _kinds_below(KithError):
        if kind.__module__.startswith("loaders."):
            names = [set(_placeholders(text)) for text in kind.text]
            assert names[0] == names[1], kind
            with speaking("zh"):
                assert str(kind.text) != kind.text.en, kind


def _kinds_below(kind: type[KithError]) -> list[type[KithError]]:
    below = [k for child in kind.__subclasses__() for k in _kinds_below(child)]
    return [*kind.__subclasses__(), *below]


def _placeholders(text: str) -> list[str]:
    from string import Formatter

    return [name for _, name, _, _ in Formatter().parse(text) if name]
