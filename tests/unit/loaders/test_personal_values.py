"""Personal values: hashed or locked away, and nowhere else, not even where a load fails."""

import hashlib
import logging
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from graph.secret import read_secret
from graph.vault import open_vault
from loaders.errors import PersonalKeyError, QueryFailedError
from loaders.files import open_relation
from loaders.manifest import FilePart
from tests.loading import SECRET, Shop, Staged, company, part, source

PHONE, EMAIL, NAME, ADDRESS = "13812345678", "Wang.Fang@Example.cn", "王芳", "南京西路1266号"
PEOPLE = f"id,name,tel,mail,home,born\nA1,{NAME},{PHONE},{EMAIL},{ADDRESS},1980-05-06\n"
MD5 = hashlib.md5(PHONE.encode(), usedforsecurity=False).hexdigest()

ACCOUNTS = part(
    "accounts", "people", account_key="id", full_name="name", address="home", birth_date="born"
)
PHONES = part("identifiers", "people", account_key="id", kind="'phone'", value="tel")
MAILS = part("identifiers", "people", account_key="id", kind="'email'", value="mail")
SHOP_MANIFEST = company(source(files={"people": "people.csv"}, tables=[ACCOUNTS, PHONES, MAILS]))


def vault_rows(shop: Shop) -> set[tuple[str, str, str]]:
    vault = open_vault(shop.settings, read_secret(shop.settings))
    return {
        (row["account_id"], row["field"], row["value"])
        for table in vault.accounts()
        for row in table.to_pylist()
    }


def said_anywhere(folder: Path, *values: str) -> set[str]:
    """Return the files that hold one of the values, as bytes or as a Parquet cell."""
    found = set()
    for path in folder.rglob("*"):
        if path.is_file() and path.name != "secret":
            content = path.read_bytes()
            if path.suffix == ".parquet" and content[:4] == b"PAR1":
                content += str(pq.read_table(path).to_pylist()).encode()
            if any(v.encode(coding) in content for v in values for coding in ("utf-8", "gb18030")):
                found.add(path.name)
    return found


# ----------------------------------------------------------------------- nowhere in the clear


def test_no_personal_value_lies_anywhere_in_the_home(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    shop.write("people.csv", PEOPLE + f"A2,{NAME},{PHONE}9,nobody,{ADDRESS},31/02/1980\n")

    shop.load(SHOP_MANIFEST)

    values = (PHONE, EMAIL, EMAIL.lower(), NAME, ADDRESS, "1980-05-06", "31/02/1980", "nobody")
    assert said_anywhere(shop.settings.home, *values) == set()
    assert not any(value in caplog.text for value in values)


def test_a_rejected_personal_value_is_hidden(shop: Shop) -> None:
    shop.write("people.csv", f"id,name,tel,mail,home,born\nA1,{NAME},12,no,{ADDRESS},31/02/1980\n")

    staged = shop.stage(SHOP_MANIFEST)

    assert staged.rejects("accounts") == [
        ("people.csv", "2", "birth_date", "not-a-date", "<hidden>")
    ]
    assert staged.rejects("identifiers") == [
        ("people.csv", "2", "value", "not-a-email", "<hidden>"),
        ("people.csv", "2", "value", "not-a-phone", "<hidden>"),
    ]


def test_what_was_personal_is_readable_in_the_vault_alone(shop: Shop) -> None:
    shop.write("people.csv", PEOPLE)

    shop.load(SHOP_MANIFEST)

    assert vault_rows(shop) == {
        ("shop:A1", "full_name", NAME),
        ("shop:A1", "address", ADDRESS),
        ("shop:A1", "birth_date", "1980-05-06"),
        ("shop:A1", "phone", PHONE),
        ("shop:A1", "email", EMAIL.lower()),
    }


def test_the_temporary_copy_of_a_file_in_another_encoding_is_for_us_alone(shop: Shop) -> None:
    shop.write("people.csv", PEOPLE.encode("gb18030"))
    named = FilePart(path="people.csv", delimiter=None, encoding="gb18030")

    relation = open_relation("people", named, data=shop.data, tmp=shop.settings.tmp)

    (copy,) = (file.readable for file in relation.files)
    assert copy.parent == shop.settings.tmp
    assert copy.stat().st_mode & 0o077 == 0
    assert copy.parent.stat().st_mode & 0o077 == 0


def test_the_temporary_copies_go_with_the_staging(shop: Shop) -> None:
    shop.write("people.csv", PEOPLE.encode("gb18030"))
    files = {"people": {"path": "people.csv", "encoding": "gb18030"}}

    shop.stage(company(source(files=files, tables=[ACCOUNTS])))

    assert list(shop.settings.tmp.iterdir()) == []


def test_a_query_that_fails_leaves_nothing_behind(shop: Shop) -> None:
    shop.write("people.csv", PEOPLE)
    failing = part("accounts", "people", account_key="id", where_="tel::TINYINT > 0")

    with pytest.raises(QueryFailedError):
        shop.stage(company(source(files={"people": "people.csv"}, tables=[failing, PHONES])))

    assert not list((shop.settings.home / "staging").rglob("*"))


# -------------------------------------------------------------------------- one identifier


def keys_of(staged: Staged, source: str = "shop") -> list[object]:
    return [row["identifier_key"] for row in staged.rows("identifiers", source)]


@pytest.mark.parametrize(
    "written",
    [
        "138 1234 5678",
        "+86 138-1234-5678",
        "００８６１３８１２３４５６７８",
        "86-13812345678",
        "013812345678",
    ],
)
def test_one_phone_written_in_another_way_is_one_identifier(shop: Shop, written: str) -> None:
    shop.write("people.csv", f"id,tel\nA1,{PHONE}\nA2,{written}\n")

    staged = shop.stage(company(source(files={"people": "people.csv"}, tables=[PHONES])))

    first, second = keys_of(staged)
    assert first == second == read_secret(shop.settings).identifier_key("phone", PHONE)
    assert len(staged.picture("Identifier")) == 1


def test_a_clear_phone_and_its_md5_from_a_partner_meet_on_one_identifier(shop: Shop) -> None:
    shop.write("people.csv", PEOPLE)
    shop.write("audience.csv", f"cookie,md5\nc1,{MD5.upper()}\n")
    bought = part("identifiers", "audience", account_key="cookie", kind="'phone'", value_md5="md5")
    text = company(
        source(files={"people": "people.csv"}, tables=[PHONES]),
        source("partner", files={"audience": "audience.csv"}, tables=[bought], party="third"),
    )

    staged = shop.stage(text)

    (identifier,) = staged.picture("Identifier")
    assert identifier["sources"] == ["partner", "shop"]
    assert identifier["masked"] == "138****5678"
    assert len(staged.picture("Account-HAS_IDENTIFIER-Identifier")) == 2


def test_what_a_partner_cannot_know_to_be_nobodys_the_till_tells(shop: Shop) -> None:
    nobodys = "222222"
    digest = hashlib.md5(nobodys.encode(), usedforsecurity=False).hexdigest()
    shop.write("audience.csv", f"id,md5\nc1,{digest}\n")
    shop.write("people.csv", f"id,no\nA1,{nobodys}\n")
    bought = part("identifiers", "audience", account_key="id", kind="'cookie'", value_md5="md5")
    own = part("identifiers", "people", account_key="id", kind="'cookie'", value="no")
    text = company(
        source("partner", files={"audience": "audience.csv"}, tables=[bought], party="third"),
        source(files={"people": "people.csv"}, tables=[own]),
    )

    staged = shop.stage(text)

    (identifier,) = staged.picture("Identifier")
    assert identifier["never_links"] is True


def test_clear_and_md5_rows_of_one_account_are_no_conflict(shop: Shop) -> None:
    shop.write("people.csv", f"id,tel,md5\nA1,{PHONE},{MD5}\n")
    digests = part("identifiers", "people", account_key="id", kind="'phone'", value_md5="md5")

    staged = shop.stage(company(source(files={"people": "people.csv"}, tables=[PHONES, digests])))

    report = staged.report("identifiers")
    assert (report.duplicates, report.conflicts) == (1, {})
    assert [row["masked"] for row in staged.rows("identifiers")] == ["138****5678"]


def test_open_ids_of_two_apps_are_two_identifiers(shop: Shop) -> None:
    shop.write("people.csv", "id,open,app\nA1,o-1,mall\nA2,o-1,club\nA3,o-1,\nA4,o-1,ｍａｌｌ\n")
    table = part(
        "identifiers", "people", account_key="id", kind="'open_id'", value="open", app="app"
    )

    staged = shop.stage(company(source(files={"people": "people.csv"}, tables=[table])))

    keys = dict(zip("1234", keys_of(staged), strict=True))
    assert len(set(keys.values())) == 3
    assert (
        keys["1"] == keys["4"] == read_secret(shop.settings).identifier_key("open_id", "mall|o-1")
    )
    assert keys["3"] == read_secret(shop.settings).identifier_key("open_id", "o-1")


def test_the_app_of_other_identifiers_is_no_part_of_them(shop: Shop) -> None:
    shop.write("people.csv", f"id,tel,app\nA1,{PHONE},mall\n")
    table = part("identifiers", "people", account_key="id", kind="'phone'", value="tel", app="app")

    staged = shop.stage(company(source(files={"people": "people.csv"}, tables=[table])))

    assert keys_of(staged) == [read_secret(shop.settings).identifier_key("phone", PHONE)]


@pytest.mark.parametrize(("party", "normal"), [("first", "88"), ("second", "mall|88")])
def test_a_member_number_is_the_companys_or_its_partners(
    shop: Shop, party: str, normal: str
) -> None:
    shop.write("people.csv", "id,no\nA1,88\n")
    table = part("identifiers", "people", account_key="id", kind="'member_no'", value="no")
    text = company(source("mall", files={"people": "people.csv"}, tables=[table], party=party))

    staged = shop.stage(text)

    assert keys_of(staged, "mall") == [
        read_secret(shop.settings).identifier_key("member_no", normal)
    ]


def test_an_identifier_seen_twice_keeps_the_earliest_and_the_latest_time(shop: Shop) -> None:
    shop.write("people.csv", f"id,tel,day\nA1,{PHONE},2026-01-05\nA1,{PHONE},2026-01-02\n")
    table = part(
        "identifiers",
        "people",
        account_key="id",
        kind="'phone'",
        value="tel",
        first_seen_at="day",
        last_seen_at="day",
    )

    staged = shop.stage(company(source(files={"people": "people.csv"}, tables=[table])))

    (row,) = staged.picture("Account-HAS_IDENTIFIER-Identifier")
    assert str(row["first_seen_at"]) == "2026-01-01 16:00:00+00:00"
    assert str(row["last_seen_at"]) == "2026-01-04 16:00:00+00:00"
    assert staged.report("identifiers").conflicts == {}


# -------------------------------------------------------------------------- personal keys

COOKIES = part("identifiers", "people", account_key="tel", kind="'cookie'", value="mail")

ORDERS = part("orders", "people", order_key="mail", account_key="tel", ordered_at="born")
POSTS = part(
    "posts",
    "people",
    post_key="mail",
    account_key="tel",
    posted_at="born",
    reply_to_account_key="tel",
)


@pytest.mark.parametrize("table", [ORDERS, POSTS, COOKIES])
@pytest.mark.parametrize("key", [PHONE, EMAIL, MD5])
def test_keys_that_look_personal_stop_the_load_in_every_table(
    shop: Shop, table: str, key: str
) -> None:
    shop.write("people.csv", f"tel,mail,born\n{key},m1,2026-01-02\n")

    with pytest.raises(PersonalKeyError, match="Source 'shop': 100% of the account keys") as caught:
        shop.stage(company(source(files={"people": "people.csv"}, tables=[table])))

    assert key not in str(caught.value)
    assert "personal_key = true" in str(caught.value)


def test_a_few_keys_that_look_personal_do_not_stop_a_load(shop: Shop) -> None:
    shop.write("people.csv", f"tel,mail,born\n{PHONE},m1,2026-01-02\nA2,m2,2026-01-02\n")

    staged = shop.stage(company(source(files={"people": "people.csv"}, tables=[ORDERS])))

    assert len(staged.rows("orders")) == 2


def test_one_customer_of_many_orders_is_one_key(shop: Shop) -> None:
    orders = "".join(f"{PHONE},m{number},2026-01-02\n" for number in range(8))
    shop.write("people.csv", f"tel,mail,born\n{orders}A1,m8,2026-01-02\nA2,m9,2026-01-02\n")

    staged = shop.stage(company(source(files={"people": "people.csv"}, tables=[ORDERS])))

    assert len(staged.rows("orders")) == 10


def test_keys_that_only_look_personal_are_kept_where_the_manifest_says_so(shop: Shop) -> None:
    shop.write("people.csv", f"tel,mail,born\n{MD5},m1,2026-01-02\n")
    text = company(source(files={"people": "people.csv"}, tables=[ORDERS], personal_key="clear"))

    staged = shop.stage(text)

    assert [row["account_id"] for row in staged.rows("orders")] == [f"shop:{MD5}"]


def test_personal_keys_are_hashed_alike_in_every_table_and_column(shop: Shop) -> None:
    shop.write("people.csv", f"tel,mail,born\n{PHONE},m1,2026-01-02\n")
    tables = [ORDERS, POSTS, PHONES.replace('"id"', '"tel"')]
    text = company(source(files={"people": "people.csv"}, tables=tables, personal_key=True))

    staged = shop.load(text)

    expected = f"shop:{read_secret(shop.settings).account_key('shop', PHONE)}"
    assert len(expected) == len("shop:") + 32
    (order,), (post,), (identifier,) = (
        staged.rows(table) for table in ("orders", "posts", "identifiers")
    )
    assert order["account_id"] == identifier["account_id"] == expected
    assert post["account_id"] == post["reply_to_account_id"] == expected
    assert said_anywhere(shop.settings.home, PHONE) == set()


def test_a_rejected_personal_key_is_hidden(shop: Shop) -> None:
    shop.write("people.csv", f"tel,mail,born\n{PHONE}\x07,m1,2026-01-02\n")
    text = company(source(files={"people": "people.csv"}, tables=[ORDERS], personal_key=True))

    staged = shop.stage(text)

    assert staged.rejects("orders") == [("people.csv", "2", "account_key", "not-a-key", "<hidden>")]


def test_another_secret_gives_other_keys(tmp_path: Path) -> None:
    keys = []
    for number, secret in enumerate((SECRET, SECRET[::-1])):
        shop = Shop(tmp_path / str(number))
        (shop.settings.home / "secret").write_text(secret)
        shop.write("people.csv", PEOPLE)
        keys.append(keys_of(shop.stage(SHOP_MANIFEST)))

    assert set(map(str, keys[0])).isdisjoint(map(str, keys[1]))
