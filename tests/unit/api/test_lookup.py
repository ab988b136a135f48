"""From a clear value to the key under which the graph knows it."""

import hashlib
import hmac
from collections.abc import Mapping
from pathlib import Path

import pytest

from api.lookup import IdentifierValueError, identifier_key, look_up
from api.models import LookupRequest
from api.views import Row
from graph.home import Company, Home, write_home
from graph.secret import read_secret
from graph.settings import Settings, read_settings


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    settings = read_settings(home=tmp_path)
    company = Company(name="x", currency="CNY", timezone="Asia/Shanghai", phone_region="CN")
    write_home(settings, Home(home_id="h", company=company))
    return settings


def key(home: Settings, kind: str, *, value: str, scope: str | None = None) -> str:
    wanted = LookupRequest.model_validate({"kind": kind, "value": value, "scope": scope})
    return identifier_key(wanted, settings=home)


def by_hand(home: Settings, kind: str, *, form: str) -> str:
    """Hash a normal form as the definition says, without the code under test."""
    md5 = hashlib.md5(form.encode(), usedforsecurity=False).hexdigest()
    secret = read_secret(home).identifiers
    return hmac.new(secret, f"{kind}:{md5}".encode(), hashlib.sha256).hexdigest()[:40]


@pytest.mark.parametrize(
    ("kind", "value", "form"),
    [
        ("phone", "13812345678", "13812345678"),
        ("phone", " +86 138 1234 5678 ", "13812345678"),
        ("phone", "0086-138-1234-5678", "13812345678"),
        ("phone", "+1 650 253 0000", "+16502530000"),
        ("email", " Ann@Example.COM ", "ann@example.com"),
        ("email", "ａｎｎ@example.com", "ann@example.com"),
        ("national_id", "11010519491231002x", "11010519491231002X"),
    ],
)
def test_a_value_is_hashed_in_its_normal_form(
    home: Settings, kind: str, *, value: str, form: str
) -> None:
    assert key(home, kind, value=value) == by_hand(home, kind, form=form)


def test_a_number_without_a_country_belongs_to_that_of_the_company(tmp_path: Path) -> None:
    settings = read_settings(home=tmp_path)
    company = Company(name="x", currency="USD", timezone="UTC", phone_region="US")
    write_home(settings, Home(home_id="h", company=company))

    assert key(settings, "phone", value="(650) 253-0000") == by_hand(
        settings, "phone", form="6502530000"
    )


def test_a_home_without_a_company_reads_numbers_all_the_same(tmp_path: Path) -> None:
    settings = read_settings(home=tmp_path)

    assert key(settings, "phone", value="13812345678") == by_hand(
        settings, "phone", form="13812345678"
    )


def test_a_scope_stands_before_the_value(home: Settings) -> None:
    assert key(home, "member_no", value="M1", scope="partner") == by_hand(
        home, "member_no", form="partner|M1"
    )


def test_kinds_do_not_meet(home: Settings) -> None:
    assert key(home, "member_no", value="7") != key(home, "card_no", value="7")


@pytest.mark.parametrize(
    ("kind", "value"),
    [("phone", "12"), ("phone", "call me"), ("email", "ann"), ("email", "@"), ("phone", "\u200b")],
)
def test_what_cannot_be_of_its_kind_is_refused_without_repeating_it(
    home: Settings, kind: str, *, value: str
) -> None:
    with pytest.raises(IdentifierValueError) as caught:
        key(home, kind, value=value)

    assert caught.value.facts == {"kind": kind}
    assert "<hidden>" in str(caught.value)


def test_customers_are_found_with_their_sources_sorted() -> None:
    def ask(query: str, parameters: Mapping[str, object]) -> list[Row]:
        assert "$key" in query
        assert parameters == {"key": "k"}
        customer = {"customer_id": "c", "n_accounts": 2, "sources": ["b", "a"]}
        return [{"masked": "138****5678", "state": "linking", "customers": [customer]}]

    wanted = LookupRequest(kind="phone", value="13812345678", scope=None)

    assert look_up(ask, wanted, key="k") == {
        "kind": "phone",
        "masked": "138****5678",
        "state": "linking",
        "customers": [{"customer_id": "c", "n_accounts": 2, "sources": ["a", "b"]}],
    }


def test_an_identifier_that_nobody_has_is_an_answer_and_no_error() -> None:
    wanted = LookupRequest(kind="email", value="ann@example.com", scope=None)

    found = look_up(lambda *_: [], wanted, key="k")

    assert found == {"kind": "email", "masked": None, "state": None, "customers": []}
