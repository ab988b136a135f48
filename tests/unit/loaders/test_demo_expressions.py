"""The demo manifest's expressions, against what a few lines of Python make of the raw files.

No SQL here: the raw cells are read with the standard library, and turned into the facts that
the manifest promises by rules written down a second time. The two must agree row by row.
"""

import csv
import gzip
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from loaders.demo import write
from loaders.demo.vocabulary import words
from tests.demo_reader import Reader

N = 2_000
Row = dict[str, str]
WIDE = str.maketrans("０１２３４５６７８９", "0123456789")
INVENTED = set(words("machines", "default_phones"))
MOBILE = re.compile(r"1[3-9][0-9]{9}")


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    folder = tmp_path_factory.mktemp("expressions")
    return Reader(folder, write(folder, customers=N, seed=11))


def mapped(reader: Reader, source: str, fills: str, *, n: int = 0) -> pd.DataFrame:
    """Return what the ``n``-th mapping of a table gives for one source."""
    tables = [t for t in reader.sources[source]["table"] if t["fills"] == fills]
    return reader.rows(source, tables[n])


def raw_csv(reader: Reader, pattern: str, *, encoding: str) -> list[Row]:
    found: list[Row] = []
    for path in sorted(reader.folder.glob(pattern)):
        with path.open(encoding=encoding, newline="") as file:
            found += list(csv.DictReader(file))
    return found


def raw_json(reader: Reader, pattern: str) -> list[dict[str, Any]]:
    return [
        json.loads(line) for path in sorted(reader.folder.glob(pattern)) for line in lines(path)
    ]


def lines(path: Path) -> Iterator[str]:
    octets = path.read_bytes()
    text = gzip.decompress(octets) if path.suffix == ".gz" else octets
    return iter(text.decode().splitlines())


def tickets(reader: Reader) -> list[Row]:
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(str(reader.folder / "call/tickets.xlsx"))
    header, *rows = book.get_sheet_by_index(0).to_python()
    return [dict(zip(map(str, header), map(str, row), strict=True)) for row in rows]


def moment(text: str, *forms: str) -> datetime | None:
    """Return the time that a text says in one of ``forms``; None where it never was."""
    for form in forms:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 local, as the file is
        except ValueError:
            continue
    return None


def told(series: "pd.Series[Any]") -> list[Any]:
    """Return a column with None for everything missing and plain times."""
    return [
        None if pd.isna(v) else v.to_pydatetime() if isinstance(v, pd.Timestamp) else v
        for v in series
    ]


# ---------------------------------------------------------------- CRM


def members(reader: Reader) -> list[Row]:
    return raw_csv(reader, "crm/members.csv", encoding="gb18030")


def test_registrations_in_three_forms_become_times(reader: Reader) -> None:
    forms = ("%Y/%m/%d %H:%M", "%Y-%m-%d %H:%M", "%Y年%m月%d日 %H:%M")

    expected = [moment(row["注册时间"], *forms) for row in members(reader)]

    assert told(mapped(reader, "crm", "accounts")["registered_at"]) == expected
    assert None not in expected


def test_birth_dates_in_three_forms_become_dates_and_impossible_ones_nothing(
    reader: Reader,
) -> None:
    raw = [row["生日"] for row in members(reader)]
    expected: list[date | None] = [moment(t, "%Y/%m/%d", "%Y-%m-%d", "%Y年%m月%d日") for t in raw]

    found = told(mapped(reader, "crm", "accounts")["birth_date"])

    assert [v and (v.year, v.month, v.day) for v in found] == [
        v and (v.year, v.month, v.day) for v in expected
    ]
    # told, but no date
    assert sum(v is None and bool(t) for v, t in zip(expected, raw, strict=True)) >= 1


@pytest.mark.parametrize(
    ("column", "header"),
    [
        ("region", "省份"),
        ("city", "城市"),
        ("occupation", "职业"),
        ("card_tier", "卡等级"),
        ("acquisition_channel", "来源渠道"),
        ("full_name", "姓名"),
        ("address", "详细地址"),
    ],
)
def test_an_empty_cell_of_a_member_is_nothing(reader: Reader, column: str, *, header: str) -> None:
    expected = [row[header] or None for row in members(reader)]

    assert told(mapped(reader, "crm", "accounts")[column]) == expected


def test_genders_become_codes(reader: Reader) -> None:
    code = {"男": "male", "女": "female", "未知": "unknown", "": None}

    expected = [code[row["性别"]] for row in members(reader)]

    assert told(mapped(reader, "crm", "accounts")["gender"]) == expected
    assert set(expected) == set(code.values())


@pytest.mark.parametrize(
    ("n", "kind", "header", "nothing"),
    [
        (0, "member_no", "会员号", {""}),
        (1, "phone", "手机", {"", "无", "null", "NULL", "0"}),
        (2, "email", "邮箱", {"", "无", "null"}),
        (3, "union_id", "UnionID", {""}),
    ],
)
def test_a_members_identifiers_are_those_that_say_something(
    reader: Reader, n: int, *, kind: str, header: str, nothing: set[str]
) -> None:
    expected = [(r["会员号"], r[header]) for r in members(reader) if r[header] not in nothing]

    found = mapped(reader, "crm", "identifiers", n=n)

    assert list(zip(found["account_key"], found["value"], strict=True)) == expected
    assert set(found["kind"]) == {kind}


def test_consents_become_purposes_and_answers(reader: Reader) -> None:
    raw = raw_csv(reader, "crm/consents.csv", encoding="gb18030")
    purpose = {"营销": "marketing", "个性化推荐": "profiling", "信息共享": "sharing"}

    found = mapped(reader, "crm", "consents")

    assert told(found["purpose"]) == [purpose[row["用途"]] for row in raw]
    assert told(found["granted"]) == [row["是否同意"] == "是" for row in raw]
    assert told(found["channel"]) == [row["渠道"] or None for row in raw]


def test_what_a_message_led_to_becomes_a_code_and_nothing_for_the_control_group(
    reader: Reader,
) -> None:
    raw = raw_csv(reader, "crm/exposures.csv", encoding="gb18030")
    code = {"发送": "sent", "打开": "opened", "点击": "clicked", "转化": "converted", "": None}

    found = mapped(reader, "crm", "exposures")

    assert told(found["action"]) == [code[row["动作"]] for row in raw]
    assert told(found["is_control"]) == [row["对照组"] == "是" for row in raw]


# ---------------------------------------------------------------- tills


def receipts(reader: Reader) -> list[Row]:
    return raw_csv(reader, "pos/receipts_*.csv", encoding="utf-8-sig")


def named(row: Row) -> str | None:
    """Return the account of a receipt: the card, else a number that somebody has."""
    if row["会员卡号"]:
        return row["会员卡号"]
    phone = row["手机号"]
    return phone if MOBILE.fullmatch(phone) and phone not in INVENTED else None


def test_a_receipt_belongs_to_the_card_or_the_number_or_nobody(reader: Reader) -> None:
    raw = receipts(reader)

    found = mapped(reader, "pos", "orders")

    # a long list in SQL may be joined, which keeps no order of rows; a receipt has its number
    owners = dict(zip(found["order_key"], told(found["account_key"]), strict=True))
    assert owners == {row["小票号"]: named(row) for row in raw}
    assert len(found) == len(raw)
    assert None in owners.values()


def test_the_tills_accounts_are_those_named_once(reader: Reader) -> None:
    expected = {name for row in receipts(reader) if (name := named(row))}

    found = mapped(reader, "pos", "accounts")["account_key"]

    assert set(found) == expected
    assert not found.duplicated().any()


@pytest.mark.parametrize(("n", "is_card"), [(0, True), (1, False)])
def test_cards_and_numbers_are_identifiers_of_two_kinds(
    reader: Reader, n: int, *, is_card: bool
) -> None:
    expected = [
        name
        for row in receipts(reader)
        if (name := named(row)) and bool(row["会员卡号"]) is is_card
    ]

    found = mapped(reader, "pos", "identifiers", n=n)

    assert Counter(found["value"]) == Counter(expected)
    assert set(found["kind"]) == {"member_no" if is_card else "phone"}


def test_goods_brought_back_keep_their_sign(reader: Reader) -> None:
    raw = raw_csv(reader, "pos/lines_*.csv", encoding="utf-8-sig")

    found = mapped(reader, "pos", "order_lines")

    assert [int(v) for v in found["quantity"]] == [int(row["数量"]) for row in raw]
    assert [float(v) for v in found["amount"]] == [float(row["实付金额"]) for row in raw]
    assert (found["quantity"].astype(int) < 0).any()


# ---------------------------------------------------------------- call centre


def rang(row: Row) -> str:
    return re.sub(r"[^0-9]", "", row["来电号码"].translate(WIDE))[-11:]


def test_a_caller_is_the_last_eleven_digits_however_they_were_typed(reader: Reader) -> None:
    raw = tickets(reader)

    found = mapped(reader, "call", "tickets")

    assert told(found["account_key"]) == [rang(row) for row in raw]
    assert {len(rang(row)) for row in raw} == {11}
    assert sum("１" in row["来电号码"] for row in raw) > 3


def test_a_caller_keeps_the_number_as_typed_for_an_identifier(reader: Reader) -> None:
    found = mapped(reader, "call", "identifiers")

    assert told(found["value"]) == [row["来电号码"] for row in tickets(reader)]


def test_times_of_a_case_are_read_and_an_open_case_has_no_end(reader: Reader) -> None:
    raw = tickets(reader)

    found = mapped(reader, "call", "tickets")

    for column, header in (("opened_at", "受理时间"), ("closed_at", "完结时间")):
        assert told(found[column]) == [moment(row[header], "%Y/%m/%d %H:%M") for row in raw]


def test_kinds_of_case_become_codes_and_empty_marks_nothing(reader: Reader) -> None:
    raw = tickets(reader)
    code = {
        "咨询": "question",
        "投诉": "complaint",
        "建议": "suggestion",
        "维修": "repair",
        "退货": "return",
    }

    found = mapped(reader, "call", "tickets")

    assert told(found["kind"]) == [code[row["工单类型"]] for row in raw]
    assert told(found["satisfaction"]) == [row["满意度"] or None for row in raw]


# ---------------------------------------------------------------- web, community, partner


def test_a_visitors_account_is_the_cookie_where_nobody_logged_in(reader: Reader) -> None:
    raw = raw_json(reader, "web/visitors.jsonl.gz")

    found = mapped(reader, "web", "accounts", n=1)

    assert told(found["account_key"]) == [r["visitor"] for r in raw if not r["logged_in"]]


def test_devices_are_identifiers_with_their_system_and_model(reader: Reader) -> None:
    raw = [r for r in raw_json(reader, "web/visitors.jsonl.gz") if r["device"]["id"]]
    tables = reader.sources["web"]["table"]
    (table,) = [t for t in tables if t["columns"].get("kind") == "'device'"]

    found = reader.rows("web", table)

    for column, name in (("value", "id"), ("os", "os"), ("model", "model")):
        assert told(found[column]) == [row["device"][name] for row in raw]


def test_events_become_past_tenses(reader: Reader) -> None:
    past = {
        "view": "viewed",
        "search": "searched",
        "fav": "favourited",
        "cart": "carted",
        "share": "shared",
    }
    raw = raw_json(reader, "web/events_*.jsonl.gz")

    found = mapped(reader, "web", "events")

    assert told(found["kind"]) == [past[row["type"]] for row in raw]
    # a search has words, everything else an article
    searched = found["kind"] == "searched"
    assert found.loc[searched, "query"].notna().all()
    assert found.loc[~searched, "product_key"].notna().all()


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("post_key", "id"),
        ("account_key", "user"),
        ("reply_to_post_key", "parent"),
        ("topic", "topic"),
        ("n_likes", "likes"),
    ],
)
def test_posts_are_taken_as_they_are(reader: Reader, column: str, *, field: str) -> None:
    expected = [row[field] for row in raw_json(reader, "community/posts.jsonl")]

    assert told(mapped(reader, "community", "posts")[column]) == expected


def audience(reader: Reader) -> list[Row]:
    return raw_csv(reader, "partner/audience.csv", encoding="utf-8")


@pytest.mark.parametrize(
    ("n", "kind", "header", "column", "form"),
    [
        (0, "phone", "phone_md5", "value_md5", str.lower),
        (1, "email", "email_md5", "value_md5", str.lower),
        (2, "cookie", "cookie", "value", str),
    ],
)
def test_digests_are_lowered_and_cookies_left_alone(
    reader: Reader, n: int, *, kind: str, header: str, column: str, form: Callable[[str], str]
) -> None:
    expected = [form(row[header]) for row in audience(reader) if row[header]]

    found = mapped(reader, "partner", "identifiers", n=n)

    assert told(found[column]) == told(found["account_key"]) == expected
    assert set(found["kind"]) == {kind}


def test_a_partners_row_is_one_account_with_its_attributes(reader: Reader) -> None:
    raw = audience(reader)

    found = mapped(reader, "partner", "accounts")

    assert [json.loads(text) for text in found["attributes"]] == [
        {name: row[name] for name in ("age_band", "income", "interest")} for row in raw
    ]
    keys = [(r["phone_md5"] or r["email_md5"] or r["cookie"]).lower() for r in raw]
    assert told(found["account_key"]) == keys
