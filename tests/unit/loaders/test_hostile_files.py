"""Files as they really come: each gets the answer that the pages promise."""

import gzip

import pytest

from graph.language import speaking
from loaders.errors import ExpressionError, FileError
from tests.loading import Shop, company, part, source

ORDERS = part("orders", "lines", order_key="no", account_key="who", ordered_at='"at"')
ONE_FILE = company(source(files={"lines": "lines.csv"}, tables=[ORDERS]))
GOOD = "no,who,at\nO1,A1,2026-01-02 10:00\n"


def orders_from(path: str, **options: object) -> str:
    return company(source(files={"lines": {"path": path, **options}}, tables=[ORDERS]))


# ------------------------------------------------------------------ whole files refused


def test_an_empty_file_stops_the_load(shop: Shop) -> None:
    shop.write("lines.csv", "")

    with pytest.raises(FileError, match=r"lines\.csv: the file is empty\. Export it again\."):
        shop.stage(ONE_FILE)


def test_a_file_of_blank_lines_stops_the_load(shop: Shop) -> None:
    shop.write("lines.csv", "\n\n\n")

    with pytest.raises(FileError, match="its header cannot be read"):
        shop.stage(ONE_FILE)


def test_a_missing_file_is_named_with_the_folder_that_was_searched(shop: Shop) -> None:
    with pytest.raises(FileError, match="there is no such file") as caught:
        shop.stage(ONE_FILE)

    assert str(shop.data) in str(caught.value)


def test_a_cut_gzip_stops_the_load(shop: Shop) -> None:
    whole = gzip.compress((GOOD * 500).encode())
    shop.write("lines.csv.gz", whole[: len(whole) - 12])

    with pytest.raises(FileError, match="the gzip file is cut off or damaged"):
        shop.stage(orders_from("lines.csv.gz"))


def test_a_file_that_only_calls_itself_gzip_stops_the_load(shop: Shop) -> None:
    shop.write("lines.csv.gz", GOOD)

    with pytest.raises(FileError, match="the gzip file is cut off or damaged"):
        shop.stage(orders_from("lines.csv.gz"))


def test_a_cut_parquet_file_stops_the_load(shop: Shop) -> None:
    shop.write("lines.parquet", b"PAR1 and then nothing")

    with pytest.raises(FileError, match="the Parquet file is cut off or damaged"):
        shop.stage(orders_from("lines.parquet"))


def test_an_unknown_ending_is_named_with_the_known_ones(shop: Shop) -> None:
    shop.write("lines.dat", GOOD)

    with pytest.raises(FileError, match=r"its ending is unknown\. Known endings: \.csv"):
        shop.stage(orders_from("lines.dat"))


@pytest.mark.parametrize("name", ["lines.parquet.gz", "lines.xlsx.gz"])
def test_a_packed_binary_file_has_an_unknown_ending(shop: Shop, name: str) -> None:
    shop.write(name, gzip.compress(b"x"))

    with pytest.raises(FileError, match="its ending is unknown"):
        shop.stage(orders_from(name))


@pytest.mark.parametrize("path", ["/etc/passwd", "../outside.csv", "sub/../../outside.csv"])
def test_a_path_outside_the_data_folder_is_refused(shop: Shop, path: str) -> None:
    (shop.data.parent / "outside.csv").write_text(GOOD)

    with pytest.raises(FileError, match="it lies outside the data folder"):
        shop.stage(orders_from(path))


def test_a_link_that_leads_outside_the_data_folder_is_refused(shop: Shop) -> None:
    (shop.data.parent / "outside.csv").write_text(GOOD)
    (shop.data / "lines.csv").symlink_to(shop.data.parent / "outside.csv")

    with pytest.raises(FileError, match="it lies outside the data folder"):
        shop.stage(ONE_FILE)


@pytest.mark.parametrize("pattern", ["a**.csv", "a\u0000.csv"])
def test_a_pattern_that_is_none_names_no_file(shop: Shop, pattern: str) -> None:
    with pytest.raises(FileError, match="there is no such file"):
        shop.stage(orders_from(pattern))


@pytest.mark.parametrize("header", ["no,who,no", "no,who,NO"])
def test_a_header_that_names_a_column_twice_is_refused(shop: Shop, header: str) -> None:
    shop.write("lines.csv", f"{header}\n1,2,3\n")

    with pytest.raises(FileError, match=r"the header names '(no|NO)' twice"):
        shop.stage(ONE_FILE)


def test_a_column_without_a_name_is_refused(shop: Shop) -> None:
    shop.write("lines.csv", "no,,at\n1,2,3\n")

    with pytest.raises(FileError, match="a column has no name"):
        shop.stage(ONE_FILE)


def test_a_column_with_the_name_of_one_of_ours_is_refused(shop: Shop) -> None:
    shop.write("lines.csv", "no,who,at,_line\n1,2,3,4\n")

    with pytest.raises(FileError, match="kith adds a column '_line' itself"):
        shop.stage(ONE_FILE)


def test_files_of_one_entry_must_have_the_same_columns(shop: Shop) -> None:
    shop.write("lines_1.csv", GOOD)
    shop.write("lines_2.csv", "no,who\nO2,A1\n")

    with pytest.raises(FileError, match=r"lines_1\.csv, lines_2\.csv have different columns"):
        shop.stage(orders_from("lines_*.csv"))


def test_a_bad_file_of_the_last_source_stops_before_the_first_is_read(shop: Shop) -> None:
    shop.write("lines.csv", GOOD)
    shop.write("other.csv", "")
    text = company(
        source(files={"lines": "lines.csv"}, tables=[ORDERS]),
        source("other", files={"lines": "other.csv"}, tables=[ORDERS]),
    )

    with pytest.raises(FileError, match=r"other\.csv"):
        shop.stage(text)

    assert not list(shop.settings.home.glob("staging/**/*.parquet"))
    assert not (shop.settings.home / "rejects").exists()


# ---------------------------------------------------------------------- encodings


def test_gb18030_is_read_where_the_manifest_says_so(shop: Shop) -> None:
    shop.write("lines.csv", "单号,客户,时间\nO1,张三,2026-01-02\n".encode("gb18030"))
    orders = part("orders", "lines", order_key="单号", account_key="客户", ordered_at="时间")
    files = {"lines": {"path": "lines.csv", "encoding": "gb18030"}}

    staged = shop.stage(company(source(files=files, tables=[orders])))

    assert [row["account_id"] for row in staged.rows("orders")] == ["shop:张三"]


def test_gb18030_that_is_not_declared_is_refused_with_the_remedy(shop: Shop) -> None:
    shop.write("lines.csv", "no,who,at\nO1,张三,2026-01-02\nO2,李四,2026-01-02\n".encode("gb18030"))

    with pytest.raises(FileError, match=r'it is not UTF-8\. .*encoding = "gb18030"'):
        shop.stage(ONE_FILE)


def test_a_wrong_encoding_is_refused_with_the_byte(shop: Shop) -> None:
    shop.write("lines.csv", "no,who,at\nO1,张三,2026-01-02\n".encode())

    with pytest.raises(FileError, match="what stands after byte 0 is not gb2312"):
        shop.stage(orders_from("lines.csv", encoding="gb2312"))


def test_one_line_of_another_encoding_is_rejected_alone(shop: Shop) -> None:
    lines = [GOOD.encode(), "O2,张三,2026-01-02\n".encode(), b"O3,\xff,2026-01-02\n"]
    shop.write("lines.csv", b"".join([*lines, "O4,李四,2026-01-02\n".encode()]))

    staged = shop.stage(ONE_FILE)

    assert [row["order_id"] for row in staged.rows("orders")] == ["shop:O1", "shop:O2", "shop:O4"]
    assert staged.rejects("orders") == [("lines.csv", "4", "", "invalid-encoding", "")]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "big5"])
def test_other_encodings_are_read_alike(shop: Shop, encoding: str) -> None:
    shop.write("lines.csv", "no,who,at\nO1,王,2026-01-02\n".encode(encoding))

    staged = shop.stage(orders_from("lines.csv", encoding=encoding))

    assert [row["account_id"] for row in staged.rows("orders")] == ["shop:王"]


# -------------------------------------------------------------------- forms of a record


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode(),
        GOOD.replace("\n", "\r").encode(),
        GOOD.rstrip("\n").encode(),
        b'"no","who","at"\n"O1","A1","2026-01-02 10:00"\n',
        b"no , who, at\nO1,A1 , 2026-01-02 10:00\n",
    ],
    ids=["BOM and CRLF", "CR", "no last newline", "quotes", "blanks"],
)
def test_the_same_record_is_read_from_other_forms(shop: Shop, content: bytes) -> None:
    shop.write("lines.csv", content)

    staged = shop.stage(ONE_FILE)

    (row,) = staged.rows("orders")
    assert (row["order_id"], row["account_id"]) == ("shop:O1", "shop:A1")
    assert staged.rejects("orders") == []


def test_line_ends_of_two_systems_in_one_file_are_read(shop: Shop) -> None:
    shop.write("lines.csv", "no,who,at\nO1,A1,2026-01-02\r\nO2,A2,2026-01-02\nO3,A3,2026-01-02\r\n")

    staged = shop.stage(ONE_FILE)

    assert [row["account_id"] for row in staged.rows("orders")] == ["shop:A1", "shop:A2", "shop:A3"]


def test_a_cell_may_hold_a_newline_and_the_next_record_keeps_its_number(shop: Shop) -> None:
    shop.write("lines.csv", 'no,who,at\nO1,"A\n1",2026-01-02\nO2,A2,nonsense\n')

    staged = shop.stage(ONE_FILE)

    rejects = [reject[:4] for reject in staged.rejects("orders")]
    assert rejects == [
        ("lines.csv", "2", "account_key", "not-a-key"),
        ("lines.csv", "3", "ordered_at", "not-a-time"),
    ]


def test_a_header_alone_keeps_no_row_and_says_so(shop: Shop) -> None:
    shop.write("lines.csv", "no,who,at\n")

    staged = shop.stage(ONE_FILE)

    assert staged.prepared.report.empty_tables == ["shop.orders"]
    assert staged.report("orders").read == 0


def test_a_cut_last_line_is_rejected_with_its_number(shop: Shop) -> None:
    shop.write("lines.csv", f"{GOOD}O2,A")

    staged = shop.stage(ONE_FILE)

    assert staged.rejects("orders") == [("lines.csv", "3", "", "missing-columns", "")]
    assert (staged.report("orders").read, staged.report("orders").accepted) == (2, 1)


def test_a_quote_that_never_ends_is_rejected_with_its_number(shop: Shop) -> None:
    shop.write("lines.csv", f'{GOOD}O2,"A2,2026-01-02')

    staged = shop.stage(ONE_FILE)

    assert staged.rejects("orders") == [("lines.csv", "3", "", "unquoted-value", "")]


def test_rows_below_a_broken_record_keep_their_numbers(shop: Shop) -> None:
    shop.write("lines.csv", f"{GOOD}O2,A2,2026-01-02,more\nO3,A3,nonsense\nO4\nO5,A5,nonsense\n")

    staged = shop.stage(ONE_FILE)

    assert [reject[1:4] for reject in staged.rejects("orders")] == [
        ("3", "", "too-many-columns"),
        ("4", "ordered_at", "not-a-time"),
        ("5", "", "missing-columns"),
        ("6", "ordered_at", "not-a-time"),
    ]


def test_a_record_of_many_megabytes_is_rejected_with_its_number(shop: Shop) -> None:
    shop.write("lines.csv", f"{GOOD}O2,{'x' * 11_000_000},2026-01-02\nO3,A3,2026-01-02\n")

    staged = shop.stage(ONE_FILE)

    assert staged.rejects("orders") == [("lines.csv", "3", "", "line-size-over-maximum", "")]
    assert [row["order_id"] for row in staged.rows("orders")] == ["shop:O1", "shop:O3"]


def test_a_wrong_delimiter_is_told_with_the_one_that_it_seems_to_be(shop: Shop) -> None:
    shop.write("lines.csv", GOOD.replace(",", ";"))

    with pytest.raises(ExpressionError, match="the header looks separated by semicolon"):
        shop.stage(ONE_FILE)


def test_a_wrong_delimiter_is_told_in_chinese(shop: Shop) -> None:
    shop.write("lines.csv", GOOD.replace(",", ";"))

    with pytest.raises(ExpressionError) as caught:
        shop.stage(ONE_FILE)

    with speaking("zh"):
        assert "表头似以分号分隔" in str(caught.value)
    assert "表头似以分号分隔" in caught.value.message("zh")


def test_the_declared_delimiter_is_used(shop: Shop) -> None:
    shop.write("lines.txt", GOOD.replace(",", "|"))

    staged = shop.stage(orders_from("lines.txt", delimiter="|"))

    assert len(staged.rows("orders")) == 1


def test_tabs_part_the_columns_of_a_tsv(shop: Shop) -> None:
    shop.write("lines.tsv", GOOD.replace(",", "\t"))

    assert len(shop.stage(orders_from("lines.tsv")).rows("orders")) == 1


def test_columns_of_a_file_without_a_header_are_numbered(shop: Shop) -> None:
    shop.write("lines.csv", "O1,A1,2026-01-02\nO2,A2,nonsense\n")
    orders = part(
        "orders", "lines", order_key="column0", account_key="column1", ordered_at="column2"
    )
    files = {"lines": {"path": "lines.csv", "header": False}}

    staged = shop.stage(company(source(files=files, tables=[orders])))

    assert len(staged.rows("orders")) == 1
    assert staged.rejects("orders")[0][1] == "2"


def test_columns_of_a_wide_file_without_a_header_are_numbered_alike(shop: Shop) -> None:
    shop.write("lines.csv", ",".join(["O1", "A1", "2026-01-02", *"12345678"]) + "\n")
    orders = part(
        "orders", "lines", order_key="column00", account_key="column01", ordered_at="column02"
    )
    files = {"lines": {"path": "lines.csv", "header": False}}

    staged = shop.stage(company(source(files=files, tables=[orders])))

    assert len(staged.rows("orders")) == 1


def test_an_ending_in_capitals_is_the_same_ending(shop: Shop) -> None:
    shop.write("LINES.CSV.GZ", gzip.compress(GOOD.encode()))

    assert len(shop.stage(orders_from("LINES.CSV.GZ")).rows("orders")) == 1


# --------------------------------------------------------------------- several files


def test_files_of_equal_bytes_are_read_once_and_told(shop: Shop) -> None:
    shop.write("lines_1.csv", GOOD)
    shop.write("lines_2.csv", GOOD)
    shop.write("lines_3.csv", GOOD.replace("O1", "O3"))

    staged = shop.stage(orders_from("lines_*.csv"))

    assert staged.report("orders").read == 2
    assert staged.report("orders").repeated_files == ("lines_2.csv",)


def test_a_file_whose_name_looks_like_a_pattern_is_read(shop: Shop) -> None:
    shop.write("lines[1].csv", GOOD)

    assert len(shop.stage(orders_from("lines[1].csv")).rows("orders")) == 1


def test_rejects_tell_files_of_one_name_in_two_folders_apart(shop: Shop) -> None:
    shop.write("a/lines.csv", f"{GOOD}O2\nO3,A,nonsense\n")
    shop.write("b/lines.csv", "no,who,at\nO4,A1,nonsense\n")

    staged = shop.stage(orders_from("*/lines.csv"))

    assert [reject[:4] for reject in staged.rejects("orders")] == [
        ("a/lines.csv", "3", "", "missing-columns"),
        ("a/lines.csv", "4", "ordered_at", "not-a-time"),
        ("b/lines.csv", "2", "ordered_at", "not-a-time"),
    ]


def test_columns_may_stand_in_another_order_in_another_file(shop: Shop) -> None:
    shop.write("lines_1.csv", GOOD)
    shop.write("lines_2.csv", "at,no,who\n2026-01-03,O2,A2\n")

    staged = shop.stage(orders_from("lines_*.csv"))

    assert [row["account_id"] for row in staged.rows("orders")] == ["shop:A1", "shop:A2"]
