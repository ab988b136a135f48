"""Files as real systems write them: encodings, quotes, line ends, sheets, months, exact bytes."""

import csv
import gzip
import io
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from loaders.demo.files import CHUNK_ROWS, Extract, csv_chunks, write_extract, write_xlsx
from loaders.demo.text import clock

PEOPLE = pa.table({"姓名": ["王芳", "李,雷", 'a"b', None], "数": [1, 2, None, 4]})


def extract_of(path: str, rows: pa.Table = PEOPLE, *, encoding: str = "utf-8") -> Extract:
    return Extract("people", path, rows, encoding=encoding)


def cells_of(path: Path) -> list[Sequence[object]]:
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(str(path))
    return [row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()]


def test_a_csv_file_quotes_only_what_needs_it(tmp_path: Path) -> None:
    written = write_extract(extract_of("a/people.csv"), tmp_path)

    text = (tmp_path / "a/people.csv").read_text("utf-8")
    assert text == '姓名,数\n王芳,1\n"李,雷",2\n"a""b",\n,4\n'
    assert written == {"a/people.csv": 4}


def test_a_csv_file_reads_back_with_the_standard_library(tmp_path: Path) -> None:
    awkward = pa.table({"x": ["a,b", 'say "hi"', "two\nlines", ""], "y": ["1", "2", "3", "4"]})
    write_extract(extract_of("t.csv", awkward), tmp_path)

    with (tmp_path / "t.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))

    assert rows == [["x", "y"], ["a,b", "1"], ['say "hi"', "2"], ["two\nlines", "3"], ["", "4"]]


def test_gb18030_is_no_utf8(tmp_path: Path) -> None:
    write_extract(extract_of("people.csv", encoding="gb18030"), tmp_path)

    octets = (tmp_path / "people.csv").read_bytes()
    assert octets.decode("gb18030").startswith("姓名,数\n王芳,1\n")
    with pytest.raises(UnicodeDecodeError):
        octets.decode("utf-8")


def test_a_till_file_has_one_mark_and_windows_line_ends(tmp_path: Path) -> None:
    rows = pa.table({"n": np.arange(CHUNK_ROWS + 1)})
    till = Extract("r", "r.csv", rows, "utf-8-sig", "\r\n")

    write_extract(till, tmp_path)

    octets = (tmp_path / "r.csv").read_bytes()
    assert octets.startswith(b"\xef\xbb\xbfn\r\n0\r\n")
    assert octets.count(b"\xef\xbb\xbf") == 1
    assert octets.count(b"\r\n") == octets.count(b"\n") == CHUNK_ROWS + 2


def test_rows_beyond_a_chunk_are_all_there_in_order() -> None:
    rows = pa.table({"n": np.arange(2 * CHUNK_ROWS + 5)})

    text = b"".join(csv_chunks(rows, extract_of("n.csv", rows))).decode()

    assert text.split() == ["n", *map(str, range(2 * CHUNK_ROWS + 5))]


def test_a_table_without_rows_is_a_header(tmp_path: Path) -> None:
    write_extract(extract_of("none.csv", PEOPLE.slice(0, 0)), tmp_path)

    assert (tmp_path / "none.csv").read_text("utf-8") == "姓名,数\n"


def test_json_lines_keep_types_and_escape(tmp_path: Path) -> None:
    inner = pa.StructArray.from_arrays([pa.array(["iOS", None])], names=["os"])
    rows = pa.table(
        {
            "text": ['a "b" \\ 😊', None],
            "n": pa.array([3, None], pa.int64()),
            "ok": [True, False],
            "device": inner,
        }
    )

    write_extract(extract_of("x.jsonl", rows), tmp_path)

    lines = (tmp_path / "x.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [
        {"text": 'a "b" \\ 😊', "n": 3, "ok": True, "device": {"os": "iOS"}},
        {"text": None, "n": None, "ok": False, "device": {"os": None}},
    ]


def test_a_gzip_file_carries_neither_time_nor_name(tmp_path: Path) -> None:
    write_extract(extract_of("x.jsonl.gz", pa.table({"n": [1]})), tmp_path)

    octets = (tmp_path / "x.jsonl.gz").read_bytes()
    # RFC 1952: byte 3 flags a name, bytes 4 to 7 are the time of writing
    assert octets[3] == 0
    assert octets[4:8] == bytes(4)
    assert gzip.decompress(octets) == b'{"n":1}\n'


@pytest.mark.parametrize("path", ["p.csv", "p.jsonl.gz", "p.parquet", "p.xlsx"])
def test_the_same_rows_are_the_same_bytes(tmp_path: Path, path: str) -> None:
    for folder in ("one", "two"):
        write_extract(extract_of(path), tmp_path / folder)

    assert (tmp_path / "one" / path).read_bytes() == (tmp_path / "two" / path).read_bytes()


def test_parquet_reads_back_equal(tmp_path: Path) -> None:
    write_extract(extract_of("p.parquet"), tmp_path)

    assert pq.read_table(tmp_path / "p.parquet").equals(PEOPLE)


def test_excel_goes_on_in_a_further_sheet(tmp_path: Path) -> None:
    rows = pa.table({"号": ["a", "b", "c", "d", "e"]})

    write_xlsx(rows, tmp_path / "x.xlsx", sheet_rows=2)

    header = ["号"]
    assert cells_of(tmp_path / "x.xlsx") == [
        header, ["a"], ["b"], header, ["c"], ["d"], header, ["e"],
    ]  # fmt: skip


def test_excel_keeps_leading_zeros_and_leaves_missing_cells_empty(tmp_path: Path) -> None:
    write_xlsx(pa.table({"a": ["007", None], "b": ["x", "y"]}), tmp_path / "x.xlsx")

    assert cells_of(tmp_path / "x.xlsx") == [["a", "b"], ["007", "x"], ["", "y"]]


def test_excel_without_rows_has_its_header(tmp_path: Path) -> None:
    write_xlsx(pa.table({"a": pa.array([], pa.string())}), tmp_path / "x.xlsx")

    assert cells_of(tmp_path / "x.xlsx") == [["a"]]


def monthly() -> Extract:
    # 2024-07 is 654 months after 1970-01
    rows = pa.table({"n": [1, 2, 3]})
    return Extract("log", "log_*.csv", rows, month=np.array([654, 654, 656]))


def test_a_month_is_a_file(tmp_path: Path) -> None:
    written = write_extract(monthly(), tmp_path)

    assert written == {"log_202407.csv": 2, "log_202409.csv": 1}
    assert (tmp_path / "log_202409.csv").read_text() == "n\n3\n"


def test_months_that_a_broken_off_run_left_are_removed(tmp_path: Path) -> None:
    (tmp_path / "log_202406.csv").write_text("n\n0\n")

    write_extract(monthly(), tmp_path)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["log_202407.csv", "log_202409.csv"]


@pytest.mark.parametrize(
    ("path", "parquet"),
    [
        ("pos/log_*.csv", "pos/log.parquet"),
        ("web/e_*.jsonl.gz", "web/e.parquet"),
        ("call/tickets.xlsx", "call/tickets.parquet"),
        ("erp/orders.parquet", "erp/orders.parquet"),
    ],
)
def test_as_parquet_every_relation_is_one_file(path: str, parquet: str) -> None:
    extract = extract_of(path, encoding="gb18030").in_format("parquet")

    assert (extract.path, extract.encoding, extract.month) == (parquet, "utf-8", None)


def test_as_files_a_relation_stays_as_it_is() -> None:
    extract = extract_of("a.csv")

    assert extract.in_format("files") is extract


def test_times_are_written_as_text_in_json(tmp_path: Path) -> None:
    rows = pa.table({"at": clock(np.array([0])), "time": pa.array([0]).cast(pa.timestamp("s"))})
    write_extract(extract_of("t.jsonl", rows), tmp_path)

    read = json.load(io.StringIO((tmp_path / "t.jsonl").read_text()))

    assert read == {"at": "1970-01-01 00:00:00", "time": "1970-01-01 00:00:00"}
