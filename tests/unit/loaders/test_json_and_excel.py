"""JSON of both forms, Parquet and Excel: their values, their numbers, their faults."""

import gzip
import json
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from loaders.errors import FileError
from tests.loading import Shop, Staged, company, part, source

ORDERS = part("orders", "lines", order_key="no", account_key="who", ordered_at='"at"')
PEOPLE = part("accounts", "people", account_key="id", attributes="facts")


def orders_of(shop: Shop, name: str, content: str | bytes) -> Staged:
    shop.write(name, content)
    return shop.stage(company(source(files={"lines": name}, tables=[ORDERS])))


def people_of(shop: Shop, *objects: object) -> Staged:
    shop.write("people.jsonl", "\n".join(json.dumps(one) for one in objects))
    return shop.stage(company(source(files={"people": "people.jsonl"}, tables=[PEOPLE])))


O1 = '{"no": "O1", "who": "A1", "at": "2026-01-02"}'
O2 = '{"no": "O2", "who": "A2", "at": "2026-01-03"}'

# ------------------------------------------------------------------------ JSON, forms


@pytest.mark.parametrize("name", ["lines.json", "lines.jsonl", "lines.ndjson"])
@pytest.mark.parametrize(
    "content",
    [
        f"{O1}\n{O2}",
        f"{O1}\r\n{O2}\r\n",
        f"\ufeff{O1}\n{O2}\n",
        f"[{O1},{O2}]",
        f"\n  [\n{O1},\n{O2}\n]\n",
        f"\ufeff[{O1},{O2}]",
    ],
    ids=["lines", "CRLF", "BOM", "array", "spread array", "array after BOM"],
)
def test_an_array_and_lines_are_told_apart_at_their_first_sign(
    shop: Shop, name: str, content: str
) -> None:
    staged = orders_of(shop, name, content)

    assert [row["account_id"] for row in staged.rows("orders")] == ["shop:A1", "shop:A2"]


@pytest.mark.parametrize("content", [f"{O1}\n{O2}", f"[{O1},{O2}]"], ids=["lines", "array"])
def test_json_may_be_packed(shop: Shop, content: str) -> None:
    staged = orders_of(shop, "lines.json.gz", gzip.compress(content.encode()))

    assert len(staged.rows("orders")) == 2


def test_json_of_another_encoding_is_read_where_the_manifest_says_so(shop: Shop) -> None:
    shop.write("lines.json", O1.replace("A1", "张三").encode("gb18030"))
    files = {"lines": {"path": "lines.json", "encoding": "gb18030"}}

    staged = shop.stage(company(source(files=files, tables=[ORDERS])))

    assert [row["account_id"] for row in staged.rows("orders")] == ["shop:张三"]


@pytest.mark.parametrize(
    "broken", ["{bad", '{"no": "O9", "wh', "[1]", "5", "null", '"text"'], ids=str
)
def test_a_record_that_is_no_object_is_rejected_with_its_number(shop: Shop, broken: str) -> None:
    staged = orders_of(shop, "lines.jsonl", f"{O1}\n{broken}\n{O2}\n")

    assert staged.rejects("orders") == [("lines.jsonl", "2", "", "not-an-object", "")]
    assert len(staged.rows("orders")) == 2
    assert staged.report("orders").read == 3


def test_rows_below_a_broken_record_keep_their_numbers(shop: Shop) -> None:
    bad = O2.replace("2026-01-03", "nonsense")

    staged = orders_of(shop, "lines.jsonl", f"{bad}\n{{bad\n{bad}\n{{bad\n{bad}\n")

    assert [reject[1:4] for reject in staged.rejects("orders")] == [
        ("1", "ordered_at", "not-a-time"),
        ("2", "", "not-an-object"),
        ("3", "ordered_at", "not-a-time"),
        ("4", "", "not-an-object"),
        ("5", "ordered_at", "not-a-time"),
    ]


def test_an_array_that_is_cut_off_stops_the_load(shop: Shop) -> None:
    with pytest.raises(FileError, match="the JSON array is cut off or damaged"):
        orders_of(shop, "lines.json", f"[{O1},{O2[:20]}")


@pytest.mark.parametrize("content", ["5\n6\n", "[1, 2]", "{bad", '{\n"no": 1\n}'], ids=str)
def test_a_file_without_any_object_stops_the_load(shop: Shop, content: str) -> None:
    with pytest.raises(FileError, match=r"no record of it is a JSON object\. Write one object a"):
        orders_of(shop, "lines.json", content)


def test_names_that_sql_does_not_tell_apart_are_refused(shop: Shop) -> None:
    with pytest.raises(FileError, match="the header names 'NO' twice"):
        orders_of(shop, "lines.jsonl", '{"no": 1}\n{"NO": 2}')


# ------------------------------------------------------------------------ JSON, values


def test_a_key_that_is_now_a_number_and_now_a_text_has_no_quotes(shop: Shop) -> None:
    staged = people_of(shop, {"id": 7, "facts": {}}, {"id": "x7", "facts": {}})

    assert [row["account_id"] for row in staged.rows("accounts")] == ["shop:7", "shop:x7"]


def test_nested_objects_are_reached_by_name(shop: Shop) -> None:
    shop.write("lines.jsonl", '{"who": {"id": "A1", "home": {"city": "上海"}}}')
    people = part("accounts", "lines", account_key="who.id", city="who.home.city")

    staged = shop.stage(company(source(files={"lines": "lines.jsonl"}, tables=[people])))

    (row,) = staged.rows("accounts")
    assert (row["account_id"], row["city"]) == ("shop:A1", "上海")


def test_attributes_are_sorted_and_what_is_null_is_left_out(shop: Shop) -> None:
    staged = people_of(shop, {"id": "A1", "facts": {"b": 1, "a": "x", "c": None}})

    (row,) = staged.picture("Account")
    assert row["attributes"] == '{"a":"x","b":1}'
    assert row["attribute_values"] == ["a=x", "b=1"]


def test_attributes_of_nothing_state_nothing(shop: Shop) -> None:
    staged = people_of(shop, {"id": "A1", "facts": {"a": None}}, {"id": "A2", "facts": {"a": 1}})

    assert [row["attributes"] for row in staged.rows("accounts")] == [None, '{"a":1}']
    assert staged.rejects("accounts") == []


def test_attributes_may_have_any_name(shop: Shop) -> None:
    shop.write("people.csv", 'id,facts\nA1,"{""a\\""b"": 1, ""c.d"": 2, ""$"": 3}"\n')

    staged = shop.stage(company(source(files={"people": "people.csv"}, tables=[PEOPLE])))

    (row,) = staged.picture("Account")
    assert row["attribute_values"] == ["$=3", 'a"b=1', "c.d=2"]


def test_objects_may_lack_members_and_come_in_several_files(shop: Shop) -> None:
    shop.write("lines_1.jsonl", O1)
    shop.write("lines_2.jsonl", O2.replace('"who": "A2", ', ""))

    staged = shop.stage(company(source(files={"lines": "lines_*.jsonl"}, tables=[ORDERS])))

    assert [row["account_id"] for row in staged.rows("orders")] == ["shop:A1", None]


# ---------------------------------------------------------------------------- Parquet


def test_parquet_keeps_its_types_and_numbers_its_rows_from_one(shop: Shop) -> None:
    rows = pa.table(
        {
            "no": pa.array([1, 2], pa.int64()),
            "who": pa.array([7.0, None], pa.float64()),
            "at": pa.array([datetime(2026, 1, 2, 10), datetime(1800, 1, 1)], pa.timestamp("us")),  # noqa: DTZ001 -- naive on purpose
        }
    )
    pq.write_table(rows, shop.data / "lines.parquet")

    staged = shop.stage(company(source(files={"lines": "lines.parquet"}, tables=[ORDERS])))

    (row,) = staged.rows("orders")
    assert (row["order_id"], row["account_id"]) == ("shop:1", "shop:7")
    assert str(row["ordered_at"]) == "2026-01-02 02:00:00+00:00"
    assert [reject[:4] for reject in staged.rejects("orders")] == [
        ("lines.parquet", "2", "ordered_at", "out-of-range")
    ]


def test_parquet_files_of_one_entry_may_differ_in_the_width_of_a_number(shop: Shop) -> None:
    for number, kind in enumerate((pa.int16(), pa.int64())):
        rows = pa.table({"no": pa.array([number], kind)})
        pq.write_table(rows, shop.data / f"lines_{number}.parquet")
    lines = part("products", "lines", product_key="no")

    staged = shop.stage(company(source(files={"lines": "lines_*.parquet"}, tables=[lines])))

    assert [row["product_id"] for row in staged.rows("products")] == ["0", "1"]


def test_members_that_sql_does_not_tell_apart_stop_the_load(shop: Shop) -> None:
    with pytest.raises(FileError, match="it cannot be read as a table"):
        orders_of(shop, "lines.jsonl", '{"no": {"b": 1, "B": 2}}')


# ------------------------------------------------------------------------------ Excel


Cells = Sequence[Sequence[object]]


def workbook(path: Path, **sheets: Cells) -> None:
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    if value is not None:
                        sheet.write(number, column, value)


def test_excel_cells_become_texts_without_a_point_or_a_guess(shop: Shop) -> None:
    rows: Cells = [["no", "who", "at"], [1, "007", date(2026, 1, 2)], [2.5, None, "2026-01-03"]]
    workbook(shop.data / "lines.xlsx", orders=rows)

    staged = shop.stage(company(source(files={"lines": "lines.xlsx"}, tables=[ORDERS])))

    found = [(row["order_id"], row["account_id"]) for row in staged.rows("orders")]
    assert found == [("shop:1", "shop:007"), ("shop:2.5", None)]


def test_excel_rejects_name_the_sheet_and_the_row_as_excel_counts_it(shop: Shop) -> None:
    blank = [None]
    rows: Cells = [
        blank,
        ["no", "who", "at"],
        ["O1", "A1", "2026-01-02"],
        blank,
        ["O2", "A2", "soon"],
    ]
    workbook(shop.data / "lines.xlsx", orders=rows)

    staged = shop.stage(company(source(files={"lines": "lines.xlsx"}, tables=[ORDERS])))

    assert [reject[:3] for reject in staged.rejects("orders")] == [
        ("lines.xlsx[orders]", "5", "ordered_at")
    ]
    assert staged.report("orders").read == 2


def test_sheets_that_share_a_header_are_one_table(shop: Shop) -> None:
    head = ["no", "who", "at"]
    workbook(
        shop.data / "lines.xlsx",
        january=[head, ["O1", "A1", "2026-01-02"]],
        february=[head, ["O2", "A2", "2026-02-02"]],
        empty=[],
    )

    staged = shop.stage(company(source(files={"lines": "lines.xlsx"}, tables=[ORDERS])))

    assert len(staged.rows("orders")) == 2


def test_sheets_that_differ_must_be_named(shop: Shop) -> None:
    head = ["no", "who", "at"]
    workbook(shop.data / "lines.xlsx", orders=[head, ["O1", "A1", "2026-01-02"]], notes=[["note"]])
    named = {"lines": {"path": "lines.xlsx", "sheet": "orders"}}

    with pytest.raises(FileError, match="its sheets orders, notes have different columns"):
        shop.stage(company(source(files={"lines": "lines.xlsx"}, tables=[ORDERS])))

    assert len(shop.stage(company(source(files=named, tables=[ORDERS]))).rows("orders")) == 1


def test_a_sheet_that_is_not_there_is_answered_with_those_that_are(shop: Shop) -> None:
    workbook(shop.data / "lines.xlsx", orders=[["no"]])
    named = {"lines": {"path": "lines.xlsx", "sheet": "oders"}}

    with pytest.raises(FileError, match=r"it has no sheet 'oders'\. Its sheets are: orders"):
        shop.stage(company(source(files=named, tables=[ORDERS])))


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([], "its sheets hold nothing"),
        ([["no", None, "at"], ["O1", "A1", "2026-01-02"]], "a column has no name"),
        ([["no", "No"], ["O1", "A1"]], "the header names 'No' twice"),
    ],
)
def test_a_workbook_that_is_no_table_stops_the_load(
    shop: Shop, rows: list[list[object]], problem: str
) -> None:
    workbook(shop.data / "lines.xlsx", orders=rows)

    with pytest.raises(FileError, match=problem):
        shop.stage(company(source(files={"lines": "lines.xlsx"}, tables=[ORDERS])))


def test_what_only_calls_itself_excel_stops_the_load(shop: Shop) -> None:
    shop.write("lines.xlsx", "no,who,at\n")

    with pytest.raises(FileError, match="it cannot be read as Excel"):
        shop.stage(company(source(files={"lines": "lines.xlsx"}, tables=[ORDERS])))
