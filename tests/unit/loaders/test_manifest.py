"""A manifest is checked before a file is opened; each problem names place and remedy."""

from pathlib import Path

import pytest

from graph.language import speaking
from loaders.manifest import ManifestError, read_manifest
from tests.loading import company, part, source

ACCOUNTS = part("accounts", "people", account_key="id")
FILES = {"people": "people.csv"}
WHOLE = company(source(files=FILES, tables=[ACCOUNTS]))


def read(tmp_path: Path, text: str) -> object:
    path = tmp_path / "company.toml"
    path.write_text(text, encoding="utf-8")
    return read_manifest(path)


def complaint(tmp_path: Path, text: str) -> str:
    with pytest.raises(ManifestError) as caught:
        read(tmp_path, text)
    return str(caught.value)


def test_a_good_manifest_is_read_in_order(tmp_path: Path) -> None:
    text = company(
        source("till", files=FILES, tables=[ACCOUNTS]),
        source("shop", files={"people": {"path": "p.txt", "delimiter": "|"}}, tables=[ACCOUNTS]),
    )
    (tmp_path / "company.toml").write_text(text)

    manifest = read_manifest(tmp_path / "company.toml")

    assert [s.name for s in manifest.source] == ["till", "shop"]
    assert manifest.source[0].files["people"].path == "people.csv"
    assert manifest.source[1].files["people"].delimiter == "|"
    assert manifest.source[0].table[0].columns == {"account_key": "id"}


def test_the_defaults_are_the_careful_ones(tmp_path: Path) -> None:
    (tmp_path / "company.toml").write_text(WHOLE)

    (only,) = read_manifest(tmp_path / "company.toml").source

    assert (only.catalogue, only.text, only.personal_key) == ("company", "none", False)


def test_a_byte_order_mark_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "company.toml").write_bytes(b"\xef\xbb\xbf" + WHOLE.encode())

    assert read_manifest(tmp_path / "company.toml").company.name == "Lantern"


@pytest.mark.parametrize("path", ["missing.toml", "."])
def test_a_missing_manifest_is_named(tmp_path: Path, path: str) -> None:
    with pytest.raises(ManifestError, match="there is no such file"):
        read_manifest(tmp_path / path)


def test_what_is_no_toml_is_told_with_its_place(tmp_path: Path) -> None:
    assert "at line 1" in complaint(tmp_path, "[company\nx = 1")


def test_another_encoding_than_utf8_is_told(tmp_path: Path) -> None:
    (tmp_path / "company.toml").write_bytes(WHOLE.replace("Lantern", "灯笼").encode("gb18030"))

    with pytest.raises(ManifestError, match="It must be TOML in UTF-8"):
        read_manifest(tmp_path / "company.toml")


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("curency", "currency"),
        ("legal_bases", "legal_basis"),
        ("personal_keys", "personal_key"),
        ("catalog", "catalogue"),
    ],
)
def test_a_slip_in_a_key_is_answered_with_the_right_one(
    tmp_path: Path, wrong: str, right: str
) -> None:
    text = WHOLE.replace("currency =", f'{wrong} = "x"\ncurrency =')

    told = complaint(tmp_path, text)

    assert f"the key '{wrong}' is unknown. Perhaps it is '{right}'." in told


def test_a_slip_in_a_table_part_names_its_place(tmp_path: Path) -> None:
    told = complaint(tmp_path, WHOLE.replace("fills =", "fils ="))

    assert "source.1.table.1" in told


def test_an_unknown_key_without_a_near_one_lists_them_all(tmp_path: Path) -> None:
    told = complaint(tmp_path, WHOLE.replace("currency =", 'zzz = "x"\ncurrency ='))

    assert "Known: catalogue, columns, company, currency" in told


def test_a_source_without_a_legal_basis_is_refused(tmp_path: Path) -> None:
    text = WHOLE.replace('legal_basis = "contract"\n', "")

    told = complaint(tmp_path, text)

    assert "source.1.legal_basis: the source has no legal basis" in told
    assert "contract, consent, legitimate_interest, legal_obligation or public" in told


def test_an_invented_legal_basis_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    told = complaint(tmp_path, WHOLE.replace('"contract"', '"because"'))

    assert "the value is not one of 'contract', 'consent'" in told


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("Asia/Shanghai", "Asia/Shangai", "'Asia/Shangai' is not a time zone"),
        ('phone_region = "CN"', 'phone_region = "XX"', "'XX' is not a country"),
        ('currency = "CNY"', 'currency = "Yuan"', "does not match ^[A-Z]{3}$"),
        ('name = "shop"', 'name = "web shop"', "does not match"),
        ('name = "Lantern"', 'name = ""', "the text is empty"),
        ('name = "Lantern"', "name = 5", "must be text in quotes"),
        ('"people.csv"', '{ path = "p.csv", encoding = "utf-9" }', "'utf-9' is not an encoding"),
        ('"people.csv"', '{ path = "p.csv", header = "x" }', "must be true or false"),
        ('"people.csv"', '{ path = "p.csv", delimiter = "" }', "the text is empty"),
        ('"people.csv"', '{ path = "p.csv", delimiter = "||" }', "the text is too long"),
        ('"people.csv"', "{ delimiter = '|' }", "it is missing. Add 'path'."),
        ('account_key = "id"', "account_key = 5", "must be text in quotes"),
        ('party = "first"', 'party = "fourth"', "not one of 'first', 'second'"),
        ('fills = "accounts"', 'fills = "acounts"', "there is no table 'acounts'. Perhaps"),
        ('account_key = "id"', 'acount_key = "id"', "accounts has no column 'acount_key'"),
        ('account_key = "id"', "kind = \"'member'\"", "accounts needs account_key. Map every"),
    ],
)
def test_a_wrong_value_is_named(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert told in complaint(tmp_path, WHOLE.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('[source.files]\npeople = "people.csv"', 'files = "people.csv"'),
        ('[source.files]\npeople = "people.csv"', "[source.files]"),
        ("[[source]]", "[source]"),
        (ACCOUNTS, ""),
    ],
)
def test_a_manifest_of_another_shape_is_refused(tmp_path: Path, old: str, new: str) -> None:
    assert "company.toml, source" in complaint(tmp_path, WHOLE.replace(old, new))


def test_two_sources_of_one_name_are_refused(tmp_path: Path) -> None:
    one = source(files=FILES, tables=[ACCOUNTS])

    assert "source 'shop': it is named twice" in complaint(tmp_path, company(one, one))


@pytest.mark.parametrize("name", ['"my people"', '"1st"', '"people-2"'])
def test_a_file_name_that_no_sql_can_say_is_refused(tmp_path: Path, name: str) -> None:
    told = complaint(tmp_path, WHOLE.replace("people = ", f"{name} = "))

    assert "the name cannot stand in a FROM clause" in told


def test_file_names_that_sql_does_not_tell_apart_are_refused(tmp_path: Path) -> None:
    told = complaint(tmp_path, WHOLE.replace("people = ", 'People = "p.csv"\npeople = '))

    assert "SQL does not tell ID from id" in told


@pytest.mark.parametrize(
    "columns", [{}, {"value": "tel", "value_md5": "md5"}], ids=["neither", "both"]
)
def test_identifiers_need_exactly_one_form_of_the_value(
    tmp_path: Path, columns: dict[str, str]
) -> None:
    table = part("identifiers", "people", account_key="id", kind="'phone'", **columns)
    text = company(source(files=FILES, tables=[table]))

    assert "exactly one of value and value_md5" in complaint(tmp_path, text)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("currency =", 'curency = "x"\ncurrency =', "未知的键 'curency'。可能应为 'currency'。"),
        ('legal_basis = "contract"\n', "", "该来源没有法律依据。请注明使用该来源的法律依据"),
        ("Asia/Shanghai", "Nowhere", "'Nowhere' 不是时区"),
        ('fills = "accounts"', 'fills = "x"', "来源 'shop'，第 1 个表：没有表 'x'。可用："),
    ],
)
def test_a_chinese_reader_is_told_in_chinese(tmp_path: Path, old: str, new: str, told: str) -> None:
    with pytest.raises(ManifestError) as caught:
        read(tmp_path, WHOLE.replace(old, new))

    with speaking("zh"):
        assert told in str(caught.value)
    assert told in caught.value.message("zh")
    assert told not in caught.value.message("en")
