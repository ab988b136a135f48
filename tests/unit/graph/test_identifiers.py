"""Normal forms, masks and values that are nobody's, worked out by hand."""

import hashlib

import duckdb
import pyarrow as pa
import pytest

from graph.codes import IDENTIFIER_KINDS
from graph.identifiers import (
    is_never_linking,
    mask,
    masked_sql,
    never_linking_md5,
    never_linking_sql,
    never_linking_values,
    normalise,
    normalise_md5,
)


def form(kind: str, value: str | None, *, region: str = "CN") -> str | None:
    found: str | None = normalise(kind, pa.array([value], pa.string()), region=region)[0].as_py()
    return found


@pytest.mark.parametrize(
    "written",
    [
        "13812345678",
        "138 1234 5678",
        "138-1234-5678",
        "+8613812345678",
        "+86 138 1234 5678",
        "0086 13812345678",
        "8613812345678",
        "013812345678",
        "（+86）138·1234·5678",
        "１３８１２３４５６７８",
        "138－1234—5678",
        " 13812345678\n",
        "\u202d138 1234 5678\u202c",
        "\ufeff13812345678",
        "13812345678.0",
    ],
)
def test_every_spelling_of_a_mainland_mobile_is_eleven_digits(written: str) -> None:
    assert form("phone", written) == "13812345678"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("010-12345678", "1012345678"),
        ("(0571) 8888 7777", "57188887777"),
        ("+86 571 88887777", "57188887777"),
        ("400 800 1234", "4008001234"),
        ("+1 415 555 2671", "+14155552671"),
        ("0044 20 7946 0958", "+442079460958"),
    ],
)
def test_landlines_are_national_digits_and_foreign_numbers_international(
    written: str, expected: str
) -> None:
    assert form("phone", written) == expected


@pytest.mark.parametrize(
    "written", ["", "  ", "无", "null", "12345", "1381234567", "138123456789", "00000000000", "x"]
)
def test_what_is_no_phone_number_has_no_normal_form(written: str) -> None:
    assert form("phone", written) is None


def test_a_mobile_range_that_the_library_does_not_know_yet_is_kept() -> None:
    assert form("phone", "154-1234-5678") == "15412345678"


def test_a_number_that_names_its_country_is_the_same_in_every_region() -> None:
    assert form("phone", "+86 138 1234 5678", region="US") == "+8613812345678"
    assert form("phone", "(415) 555-2671", region="US") == "4155552671"
    assert form("phone", "+1 415 555 2671", region="US") == "4155552671"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (" Li.Ming@Example.COM ", "li.ming@example.com"),
        ("ｌｉ＠ｘ．ｃｏｍ", "li@x.com"),
        ("小明@例子.中国", "小明@例子.中国"),
        ("no at sign", None),
        ("a@b", None),
        ("a@b@c.com", None),
        ("a@b.com;c@d.com", None),
        ("null", None),
    ],
)
def test_an_email_is_trimmed_folded_and_in_lower_case(written: str, expected: str | None) -> None:
    assert form("email", written) == expected


@pytest.mark.parametrize(
    ("kind", "written", "expected"),
    [
        ("national_id", " 11010119900307123x ", "11010119900307123X"),
        ("national_id", "110101 19900307 1234", "110101199003071234"),
        ("national_id", "无", None),
        ("card_no", "6222 0000 1111", "622200001111"),
        ("member_no", "Ｍ００１", "M001"),
        ("member_no", "0007", "0007"),
        ("union_id", "oAbC", "oAbC"),
        ("address", " 长安街  1 号 ", "长安街 1 号"),
        ("cookie", "a\tb", None),
        ("cookie", "k" * 256, "k" * 256),
        ("cookie", "k" * 257, None),
    ],
)
def test_other_kinds_keep_their_letters_and_zeros(
    kind: str, written: str, *, expected: str | None
) -> None:
    assert form(kind, written) == expected


def test_a_scope_is_part_of_the_normal_form_where_there_is_one() -> None:
    values = pa.array(["o1", "o1", None])

    forms = normalise("open_id", values, region="CN", scope=pa.array(["wx1", None, "wx1"]))

    assert forms.to_pylist() == ["wx1|o1", "o1", None]


def test_repeated_values_chunks_and_nulls_keep_their_places() -> None:
    values = pa.chunked_array([["a@x.com", None], ["bad", "A@X.com"]])

    assert normalise("email", values, region="CN").to_pylist() == [
        "a@x.com",
        None,
        None,
        "a@x.com",
    ]


def test_no_rows_have_no_normal_forms() -> None:
    for kind in IDENTIFIER_KINDS:
        assert len(normalise(kind, pa.array([], pa.string()), region="CN")) == 0


def test_an_md5_is_32_hex_digits_in_lower_case() -> None:
    digest = "D41D8CD98F00B204E9800998ECF8427E"

    forms = normalise_md5(pa.array([f" {digest} ", digest[:16], "zz" * 16, None]))

    assert forms.to_pylist() == [digest.lower(), None, None, None]


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("phone", "13812345678", "138****5678"),
        ("phone", "1012345678", "10****5678"),
        ("phone", "57188887777", "571****7777"),
        ("phone", "+8613812345678", "+86138****5678"),
        ("phone", "+14155552671", "+141****2671"),
        ("phone", "12345", "****45"),
        ("phone", "123", "****"),
        ("email", "ann@x.com", "a***@x.com"),
        ("email", "a@x.com", "a***@x.com"),
        ("email", "小明@例子.中国", "小***@例子.中国"),
        ("national_id", "110101199003071234", "110****1234"),
        ("national_id", "E12345678", "E****78"),
        ("member_no", "M00012345", "M****45"),
        ("member_no", "pos|M00012345", "M****45"),
        ("member_no", "12", "****"),
        ("open_id", "wx1|oABCDEFGHIJKLMN", "oA****KLMN"),
        ("address", "长安街 1 号", "****"),
    ],
)
def test_masks(kind: str, value: str, *, shown: str) -> None:
    in_sql = duckdb.execute(f"SELECT {masked_sql(kind, '$value')}", {"value": value}).fetchone()

    assert mask(kind, value) == shown
    assert in_sql == (shown,)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("phone", "13800138000"),
        ("phone", "13800000000"),
        ("phone", "13888888888"),
        ("phone", "+8613800138000"),
        ("phone", "4008001234"),
        ("phone", "1111111111"),
        ("phone", "1234567890"),
        ("email", "test@test.com"),
        ("email", "test01@company.cn"),
        ("email", "null@163.com"),
        ("email", "00000@qq.com"),
        ("email", "123456@qq.com"),
        ("member_no", "0"),
        ("member_no", "000000"),
        ("member_no", "NULL"),
        ("member_no", "'none'"),
        ("member_no", "pos|null"),
        ("card_no", "无"),
        ("national_id", "111111111111111111"),
        ("national_id", "123456789012345678"),
        ("device", "000000000000"),
        ("device", "00000000-0000-0000-0000-000000000000"),
        ("device", "02:00:00:00:00:00"),
        ("cookie", "[object Object]"),
        ("union_id", "undefined"),
        ("open_id", "wx1|N/A"),
        ("cookie", "987654"),
    ],
)
def test_values_of_nobody_never_link(kind: str, value: str) -> None:
    in_sql = duckdb.execute(f"SELECT {never_linking_sql(kind, '$v')}", {"v": value}).fetchone()

    assert is_never_linking(kind, value)
    assert in_sql == (True,)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("phone", "13812345678"),
        ("phone", "13800138001"),
        ("phone", "1012345678"),
        ("phone", "+14155552671"),
        ("email", "contest@x.com"),
        ("email", "li@test.com"),
        ("email", "ann@example.com"),
        ("email", "1234@qq.com"),
        ("member_no", "1111"),
        ("member_no", "7"),
        ("member_no", "1234"),
        ("member_no", "100000"),
        ("card_no", "none1"),
        ("national_id", "110101199003071234"),
        ("cookie", "nullify"),
        ("open_id", "null|oAbc"),
    ],
)
def test_ordinary_values_may_link(kind: str, value: str) -> None:
    in_sql = duckdb.execute(f"SELECT {never_linking_sql(kind, '$v')}", {"v": value}).fetchone()

    assert not is_never_linking(kind, value)
    assert in_sql == (False,)


def test_the_expressions_are_null_for_null() -> None:
    for kind in IDENTIFIER_KINDS:
        query = f"SELECT {never_linking_sql(kind, 'c')}, {masked_sql(kind, 'c')}"

        assert duckdb.execute(f"{query} FROM (SELECT NULL::VARCHAR AS c)").fetchone() == (
            None,
            None,
        )


@pytest.mark.parametrize("kind", ["phone", "email", "member_no"])
def test_every_listed_value_never_links(kind: str) -> None:
    values = never_linking_values(kind)

    assert list(values) == sorted(set(values))
    assert [value for value in values if not is_never_linking(kind, value)] == []


def test_the_digest_of_a_listed_phone_is_known() -> None:
    digest = hashlib.md5(b"13800138000", usedforsecurity=False).hexdigest()

    assert digest in never_linking_md5("phone")
    assert len(never_linking_md5("phone")) == len(never_linking_values("phone"))
