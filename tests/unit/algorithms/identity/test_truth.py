"""Truth files: the forms that are read, what a user can get wrong, and personal keys."""

import gzip
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from algorithms.identity.truth import (
    ContradictoryTruthError,
    NoTruthError,
    Truth,
    TruthColumnError,
    TruthFileError,
    demo_truth,
    named,
    read_truth,
    with_pseudonyms,
)
from graph.language import speaking
from graph.secret import secret_of
from graph.settings import read_settings

SECRET = secret_of(bytes(range(32)))
CSV = "account_id,person\ncrm:1,P1\npos:7,P1\nweb:3,P2\n"
ROWS = [("crm:1", "P1"), ("pos:7", "P1"), ("web:3", "P2")]


def file_of(folder: Path, content: str | bytes, *, name: str = "truth.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def parquet_of(folder: Path, columns: Mapping[str, object]) -> Path:
    path = folder / "truth.parquet"
    pq.write_table(pa.table(dict(columns)), path)
    return path


def rows_of(truth: Truth) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in truth.rows.to_pylist()]


def test_a_csv_file_is_read(tmp_path: Path) -> None:
    truth = read_truth(file_of(tmp_path, CSV))

    assert truth.rows.column_names == ["account_id", "person"]
    assert rows_of(truth) == ROWS
    assert truth.n_incomplete == 0


@pytest.mark.parametrize("name", ["truth.csv.gz", "truth.csv", "truth"])
def test_a_packed_file_is_known_by_its_bytes_not_its_name(tmp_path: Path, name: str) -> None:
    path = file_of(tmp_path, gzip.compress(CSV.encode()), name=name)

    assert rows_of(read_truth(path)) == ROWS


@pytest.mark.parametrize(
    "content",
    [
        CSV.replace("\n", "\r\n"),
        "\ufeff" + CSV,
        "account_id,person\ncrm:1, P1 \n pos:7,P1\nweb:3,P2",
        'person,note,account_id\nP1,"a, b",crm:1\nP1,,pos:7\nP2,"two\nlines",web:3\n',
        CSV + "crm:1,P1\n",
    ],
    ids=["windows", "byte order mark", "blanks", "more columns in another order", "a row twice"],
)
def test_spelling_of_the_file_does_not_matter(tmp_path: Path, content: str) -> None:
    assert sorted(rows_of(read_truth(file_of(tmp_path, content)))) == ROWS


def test_keys_of_digits_stay_texts(tmp_path: Path) -> None:
    truth = read_truth(file_of(tmp_path, "account_id,person\n007,01\n7,1\n"))

    assert rows_of(truth) == [("007", "01"), ("7", "1")]


def test_a_parquet_file_may_number_its_persons(tmp_path: Path) -> None:
    path = parquet_of(tmp_path, {"account_id": ["crm:1", "crm:2"], "person": [1, 2]})

    assert rows_of(read_truth(path)) == [("crm:1", "1"), ("crm:2", "2")]


def test_the_names_of_the_demo_are_read_too(tmp_path: Path) -> None:
    columns = {"account_id": ["a:1"], "person_id": ["P"], "household_id": ["H"], "more": [1]}

    truth = read_truth(parquet_of(tmp_path, columns))

    assert truth.rows.column_names == ["account_id", "person", "household"]


def test_household_and_oracle_may_be_empty(tmp_path: Path) -> None:
    text = "account_id,person,household,oracle\na:1,P,H,\na:2,P,,O\n"

    truth = read_truth(file_of(tmp_path, text))

    assert rows_of(truth) == [("a:1", "P", "H", None), ("a:2", "P", None, "O")]


def test_rows_without_account_or_person_are_counted_and_left_out(tmp_path: Path) -> None:
    truth = read_truth(file_of(tmp_path, CSV + ",P9\nweb:4,\nweb:5,  \n"))

    assert rows_of(truth) == ROWS
    assert truth.n_incomplete == 3


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"account_id,person\n",
        b"account_id,person\ncrm:1,\n",
        b"account_id,person\ncrm:1,P1,too,many\n",
        b"account_id,person\ncrm:1,\xff\xfe\n",
        b"\x1f\x8bthis is no gzip",
        b"PAR1 and nothing of the kind",
        b"account_id,person,person\ncrm:1,P1,P2\n",
    ],
    ids=["empty", "no row", "no person", "ragged", "not UTF-8", "gzip", "parquet", "twice"],
)
def test_a_file_that_says_nothing_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = file_of(tmp_path, content)

    with pytest.raises(TruthFileError) as refused:
        read_truth(path)

    assert str(path) in str(refused.value)
    assert "account_id,person" in str(refused.value)


def test_a_packed_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress((CSV * 100).encode())

    with pytest.raises(TruthFileError):
        read_truth(file_of(tmp_path, packed[:-20]))


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TruthFileError, match="no such file"):
        read_truth(tmp_path / "nowhere.csv")
    with pytest.raises(TruthFileError, match="cannot be read"):
        read_truth(tmp_path)


def test_a_file_whose_columns_are_no_texts_is_refused(tmp_path: Path) -> None:
    path = parquet_of(tmp_path, {"account_id": ["crm:1"], "person": [["P1", "P2"]]})

    with pytest.raises(TruthFileError):
        read_truth(path)


def test_what_a_refused_line_said_is_not_repeated(tmp_path: Path) -> None:
    path = file_of(tmp_path, "account_id,person\ncrm:1,王小明,13812345678\n")

    with pytest.raises(TruthFileError) as refused:
        read_truth(path)

    assert "王小明" not in str(refused.value)
    assert "13812345678" not in str(refused.value)


@pytest.mark.parametrize(
    ("head", "missing"), [("account_id,who", "person"), ("id,person", "account_id")]
)
def test_a_missing_column_is_named_with_those_there_are(
    tmp_path: Path, *, head: str, missing: str
) -> None:
    path = file_of(tmp_path, f"{head}\ncrm:1,P1\n")

    with pytest.raises(TruthColumnError) as refused:
        read_truth(path)

    assert refused.value.facts["column"] == missing
    assert head.replace(",", ", ") in str(refused.value)


def test_parquet_without_the_columns_shows_its_own(tmp_path: Path) -> None:
    path = parquet_of(tmp_path, {"konto": ["crm:1"], "wer": ["P1"]})

    with pytest.raises(TruthColumnError, match="konto, wer"):
        read_truth(path)


@pytest.mark.parametrize("column", ["person", "household", "oracle"])
def test_an_account_of_two_persons_is_a_contradiction(tmp_path: Path, column: str) -> None:
    values = {"person": "P1", "household": "H1", "oracle": "O1"}
    other = {**values, column: "another"}
    lines = [",".join(["crm:1", *row.values()]) for row in (values, other)]
    text = "\n".join(["account_id,person,household,oracle", *lines, "crm:2,P2,H2,O2"])

    with pytest.raises(ContradictoryTruthError) as refused:
        read_truth(file_of(tmp_path, text))

    facts = refused.value.facts
    assert (facts["column"], facts["n"], facts["accounts"]) == (column, 1, "crm:1")


def test_many_contradictions_are_counted_and_five_are_named(tmp_path: Path) -> None:
    lines = [f"crm:{i},P{j}" for i in range(8) for j in range(2)]

    with pytest.raises(ContradictoryTruthError, match=r"crm:0, .*crm:4 \.\.\. \(8 in all\)"):
        read_truth(file_of(tmp_path, "\n".join(["account_id,person", *lines])))


def test_errors_speak_both_languages(tmp_path: Path) -> None:
    path = tmp_path / "nowhere.csv"
    with pytest.raises(TruthFileError) as refused:
        read_truth(path)

    with speaking("zh"):
        assert str(refused.value).startswith(f"真值文件 {path}：文件不存在。")


def test_keys_that_look_personal_are_hidden_when_accounts_are_named() -> None:
    shown = named(["crm:M42", "call:13812345678", "web:a@x.com", "p:+86 138 1234 5678", "ghost"])

    assert shown == "crm:M42, call:<hidden>, web:<hidden>, p:<hidden>, ghost"


def test_an_md5_is_hidden_like_the_phone_it_was_made_of() -> None:
    assert named(["partner:" + "0a" * 16]) == "partner:<hidden>"


def truth_of(*rows: tuple[str, str]) -> Truth:
    accounts, persons = zip(*rows, strict=True)
    return Truth(Path("truth.csv"), pa.table({"account_id": accounts, "person": persons}))


def test_accounts_with_personal_keys_are_found_under_their_hash() -> None:
    hashed = f"call:{SECRET.account_key('call', '13812345678')}"
    truth = truth_of(("call:13812345678", "P1"), ("crm:1", "P1"), ("crm:gone", "P2"))

    found = with_pseudonyms(truth, pa.array([hashed, "crm:1"]), secret=SECRET)

    assert sorted(rows_of(found)) == sorted([(hashed, "P1"), ("crm:1", "P1"), ("crm:gone", "P2")])


def test_a_key_may_hold_a_colon() -> None:
    hashed = f"call:{SECRET.account_key('call', 'a:b')}"

    found = with_pseudonyms(truth_of(("call:a:b", "P1")), pa.array([hashed]), secret=SECRET)

    assert rows_of(found) == [(hashed, "P1")]


def test_an_account_that_is_named_both_ways_must_be_one_person() -> None:
    hashed = f"call:{SECRET.account_key('call', '13812345678')}"
    truth = truth_of(("call:13812345678", "P1"), (hashed, "P2"))

    with pytest.raises(ContradictoryTruthError):
        with_pseudonyms(truth, pa.array([hashed]), secret=SECRET)


def test_the_one_demo_of_a_home_is_its_truth(tmp_path: Path) -> None:
    settings = read_settings(home=tmp_path)
    path = tmp_path / "demo" / "identity-1000-7" / "truth" / "accounts.parquet"
    path.parent.mkdir(parents=True)
    path.touch()

    assert demo_truth(settings) == path


@pytest.mark.parametrize("demos", [(), ("retail-1-7", "identity-1-7")])
def test_none_or_two_demos_say_what_to_give(tmp_path: Path, demos: tuple[str, ...]) -> None:
    for name in demos:
        path = tmp_path / "demo" / name / "truth" / "accounts.parquet"
        path.parent.mkdir(parents=True)
        path.touch()

    with pytest.raises(NoTruthError, match="--truth FILE") as refused:
        demo_truth(read_settings(home=tmp_path))

    assert refused.value.facts["n"] == len(demos)
