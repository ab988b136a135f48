"""How files are found, looked at and, where DuckDB could not read them, copied."""

import gzip
from pathlib import Path

import pytest

from graph.language import Text
from loaders.errors import FileError
from loaders.files import form_of, open_relation
from loaders.jsonfiles import examine_json
from loaders.manifest import FilePart
from loaders.sourcefile import Relation, SourceFile, check_names
from loaders.textfiles import delimiter_hint, plain_copy


def opened(folder: Path, path: str, *, encoding: str = "utf-8") -> Relation:
    """Open the files that a manifest would name."""
    tmp = folder / "tmp"
    tmp.mkdir(exist_ok=True)
    named = FilePart(path=path, delimiter=None, encoding=encoding)
    return open_relation("lines", named, data=folder, tmp=tmp)


def file_at(path: Path, form: str = "csv", columns: tuple[str, ...] = ()) -> SourceFile:
    return SourceFile(path, path, form, path.name, columns)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.csv", "csv"),
        ("a.CSV.GZ", "csv"),
        ("a.tsv", "csv"),
        ("a.b.txt.gz", "csv"),
        ("a.json", "json"),
        ("a.ndjson", "jsonl"),
        ("a.jsonl.gz", "jsonl"),
        ("a.parquet", "parquet"),
        ("a.xlsx", "xlsx"),
    ],
)
def test_the_ending_tells_the_form(name: str, form: str) -> None:
    assert form_of(Path(name)) == form


@pytest.mark.parametrize("name", ["a.xls", "a", "a.gz", "a.csv.zip", "a.parquet.gz"])
def test_an_ending_that_no_reader_knows_is_refused(name: str) -> None:
    with pytest.raises(FileError, match="its ending is unknown"):
        form_of(Path(name))


def test_files_are_named_below_the_data_folder_and_sorted(tmp_path: Path) -> None:
    for name in ("b/x.csv", "a/x.csv"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(f"id\n{name}\n")

    relation = opened(tmp_path, "**/x.csv")

    assert [file.name for file in relation.files] == ["a/x.csv", "b/x.csv"]
    assert relation.repeated == ()


def test_a_file_equal_to_an_earlier_one_is_set_apart(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv", "c.csv"):
        (tmp_path / name).write_text("id\n1\n")

    relation = opened(tmp_path, "*.csv")

    assert [file.name for file in relation.files] == ["a.csv"]
    assert relation.repeated == ("b.csv", "c.csv")


def test_a_folder_that_matches_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").mkdir()

    with pytest.raises(FileError, match="there is no such file"):
        opened(tmp_path, "*.csv")


@pytest.mark.parametrize(
    "content", [b"id\n1\n", b"id\r\n1\r\n", b"\xef\xbb\xbfid\n1\n", b"id\r1\r"]
)
def test_a_csv_that_duckdb_reads_as_it_is_is_not_copied(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.csv").write_bytes(content)

    (file,) = opened(tmp_path, "a.csv").files

    assert file.readable == file.path
    assert file.columns == ("id",)


@pytest.mark.parametrize(
    ("name", "content", "encoding", "plain"),
    [
        ("a.csv", b"id\r\n1\n2\r\n", "utf-8", b"id\n1\n2\n"),
        ("a.csv.gz", gzip.compress(b"id\r\n1\n", mtime=0), "utf-8", b"id\n1\n"),
        ("a.csv", "编号\r\n1\r\n".encode("gb18030"), "gb18030", "编号\n1\n".encode()),
        ("a.csv", "编号\n".encode("utf-16"), "utf-16", "编号\n".encode()),
        ("a.jsonl", b'\xef\xbb\xbf{"a":1}', "utf-8", b'{"a":1}'),
        ("a.csv", b"id\r\n\xff\n\xe4\xb8\xad\n", "utf-8", b"id\n\xff\n\xe4\xb8\xad\n"),
    ],
)
def test_what_duckdb_could_not_read_gets_a_plain_copy(
    tmp_path: Path, name: str, content: bytes, *, encoding: str, plain: bytes
) -> None:
    path, tmp = tmp_path / name, tmp_path / "tmp"
    path.write_bytes(content)
    tmp.mkdir()

    copy = plain_copy(file_at(path, form=form_of(path)), encoding, tmp=tmp)

    assert copy.parent == tmp
    assert copy.read_bytes() == plain


def test_a_windows_line_end_between_two_blocks_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loaders.textfiles.CHUNK", 3)  # the block ends between \r and \n
    (tmp_path / "a.csv").write_bytes(b"id\r\n1\r\n22\r\n")

    (file,) = opened(tmp_path, "a.csv").files

    assert file.readable == file.path


def test_two_readings_of_one_file_are_two_copies(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("编号\n".encode("gb18030"))

    one = opened(tmp_path, "a.csv", encoding="gb18030").files[0].readable
    other = opened(tmp_path, "a.csv", encoding="latin-1").files[0].readable

    assert one != other
    assert one.read_text(encoding="utf-8") == "编号\n"


@pytest.mark.parametrize(
    ("column", "hint"),
    [("no;who;at", "semicolon"), ("no\twho", "tab"), ("no|who", "bar"), ("number", "")],
)
def test_a_header_of_one_column_gives_its_separator_away(column: str, hint: str) -> None:
    found = delimiter_hint(file_at(Path("a.csv"), columns=(column,)))

    assert hint in found.en
    assert bool(found.en) == bool(found.zh) == bool(hint)


def test_a_header_of_two_columns_gives_no_hint() -> None:
    assert delimiter_hint(file_at(Path("a.csv"), columns=("a;b", "c"))) == Text("", "")


@pytest.mark.parametrize(
    ("columns", "problem"),
    [(("a", ""), "no name"), (("a", "b", "A"), "'A' twice"), (("_File",), "adds a column")],
)
def test_names_that_sql_cannot_hold_are_refused(columns: tuple[str, ...], problem: str) -> None:
    with pytest.raises(FileError, match=problem):
        check_names(columns, file="a.csv")


def test_names_that_sql_can_hold_are_fine() -> None:
    check_names(("a", "b c", "客户 ID", "order", "1"), file="a.csv")


def test_the_structure_of_all_objects_is_found_once(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": 1, "b": {"c": "x"}}\nnonsense\n{"a": "x", "d": [1]}\n{"e": null}\n')

    file = examine_json(file_at(path, form="jsonl"), readable=path)

    assert file.columns == ("a", "b", "d", "e")
    assert '"a":"VARCHAR"' in file.structure
    assert file.broken == (2,)
