"""The personal side of the golden record, from rows as the vault holds them."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from algorithms.golden_policy import GoldenPolicy, shipped_policy
from algorithms.identity.golden_values import GoldenValue, Teller, golden_values
from algorithms.survivorship import Rule
from graph.vault import COLUMNS

Entry = tuple[str, str, str]


def rows_of(*entries: Entry) -> pa.Table:
    """Return vault rows from account, field and value."""
    rows = [(account, account.partition(":")[0], field, value) for account, field, value in entries]
    columns = zip(*rows, strict=True) if rows else [[]] * len(COLUMNS)
    return pa.table(
        {n: pa.array(list(c), pa.string()) for n, c in zip(COLUMNS, columns, strict=True)}
    )


def seen(year: int, kind: str | None = "member") -> Teller:
    return Teller(kind, datetime(year, 1, 1, tzinfo=UTC))


def policy_with(field: str, rule: Rule) -> GoldenPolicy:
    shipped = shipped_policy()
    return shipped.model_copy(update={"fields": {**shipped.fields, field: rule}})


def test_a_value_is_told_with_who_says_so_and_who_does_not() -> None:
    rows = rows_of(
        ("crm:1", "address", "南京路 1 号"),
        ("erp:1", "address", "淮海路 9 号"),
        ("pos:1", "address", "南京路 1 号"),
    )
    tellers = {"crm:1": seen(2019), "erp:1": seen(2021), "pos:1": seen(2025)}

    found = golden_values(rows, tellers, policy=shipped_policy())

    assert found == {
        "address": GoldenValue(
            value="南京路 1 号",
            account_id="pos:1",
            rule="latest",
            agreeing=("crm:1", "pos:1"),
            differing=(("erp:1", "淮海路 9 号"),),
        )
    }
    assert found["address"].is_disputed


def test_each_field_is_chosen_apart() -> None:
    rows = rows_of(
        ("crm:1", "full_name", "王芳"),
        ("erp:1", "full_name", "王方"),
        ("pos:1", "full_name", "王芳"),
        ("erp:1", "postcode", "200000"),
    )

    found = golden_values(rows, {"erp:1": seen(2026)}, policy=shipped_policy())

    assert {name: (v.value, v.account_id) for name, v in found.items()} == {
        "full_name": ("王芳", "crm:1"),
        "postcode": ("200000", "erp:1"),
    }


@pytest.mark.parametrize(
    ("rule", "account"),
    [("latest", "web:1"), ("source_order", "crm:1"), ("most_frequent", "pos:1")],
)
def test_every_rule_can_decide(rule: Rule, account: str) -> None:
    rows = rows_of(
        ("crm:1", "email", "a@x.com"),
        ("pos:1", "email", "b@x.com"),
        ("pos:2", "email", "b@x.com"),
        ("web:1", "email", "c@x.com"),
    )
    tellers = {
        "crm:1": seen(2019),
        "pos:1": seen(2021, "card"),
        "pos:2": seen(2020, "card"),
        "web:1": seen(2025, "visitor"),
    }

    found = golden_values(rows, tellers, policy=policy_with("email", rule))

    assert found["email"].account_id == account


@pytest.mark.parametrize(
    ("one", "other"),
    [("Ann Lee", "ANN  LEE"), ("ＡＮＮ lee", "Ann Lee"), (" 王芳", "王芳"), ("A@x.com", "a@x.com")],
)
def test_spellings_of_one_value_are_no_dispute(one: str, other: str) -> None:
    rows = rows_of(("crm:1", "full_name", one), ("erp:1", "full_name", other))

    found = golden_values(rows, {"erp:1": seen(2024)}, policy=shipped_policy())

    name = found["full_name"]
    assert not name.is_disputed
    assert name.agreeing == ("crm:1", "erp:1")
    # what is shown is the spelling of the account that is named
    assert (name.value, name.account_id) == (other, "erp:1")


def test_two_phones_of_one_account_are_no_dispute() -> None:
    rows = rows_of(
        ("crm:1", "phone", "13800000001"),
        ("crm:1", "phone", "13900000002"),
        ("pos:1", "phone", "13900000002"),
    )

    phone = golden_values(rows, {}, policy=shipped_policy())["phone"]

    assert (phone.value, phone.account_id) == ("13900000002", "crm:1")
    assert phone.agreeing == ("crm:1", "pos:1")
    assert not phone.is_disputed


def test_one_account_says_a_value_once_however_it_spells_it() -> None:
    rows = rows_of(
        ("crm:1", "email", "a@x.com"),
        ("crm:1", "email", "A@X.com"),
        ("pos:1", "email", "b@x.com"),
        ("web:1", "email", "b@x.com"),
        ("crm:1", "email", "ａ@x.com"),
    )

    email = golden_values(rows, {}, policy=shipped_policy())["email"]

    assert email.value == "b@x.com"
    assert email.differing == (("crm:1", "A@X.com"),)


def test_rows_in_another_order_say_the_same() -> None:
    entries: list[Entry] = [
        (f"s{n % 3}:{n}", field, f"{field} {n % 2}")
        for n in range(6)
        for field in ("full_name", "phone", "address", "birth_date")
    ]

    one, other = (
        golden_values(rows_of(*rows), {}, policy=shipped_policy())
        for rows in (entries, entries[::-1])
    )

    assert one == other
    assert list(one) == list(other)


def test_what_no_rule_speaks_of_is_not_shown() -> None:
    rows = rows_of(("crm:1", "national_id", "310101198801011234"))

    assert golden_values(rows, {}, policy=shipped_policy()) == {}


def test_nobody_has_no_values() -> None:
    assert golden_values(rows_of(), {}, policy=shipped_policy()) == {}
