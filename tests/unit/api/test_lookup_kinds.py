"""A look-up of every kind of identifier meets the key under which a load stored it."""

import hashlib
import hmac
from pathlib import Path

import pytest
from pydantic import ValidationError

from api.lookup import IdentifierValueError, identifier_key, look_up
from api.models import LookupAnswer, LookupRequest
from api.views import Row
from graph.codes import IDENTIFIER_KINDS
from graph.home import Company, Home, write_home
from graph.language import speaking
from graph.secret import read_secret
from graph.settings import Settings, read_settings

SPELLINGS = [
    (
        "phone",
        "13812345678",
        ["138 1234 5678", "138-1234-5678", "+8613812345678", "１３８１２３４５６７８"],
    ),
    (
        "phone",
        "13812345678",
        ["013812345678", "8613812345678", "13812345678.0", "\u202a13812345678"],
    ),
    ("phone", "+442079460000", ["+44 20 7946 0000", "+44(20)79460000", "0044 20 7946 0000"]),
    ("email", "ann@example.com", ["ANN@EXAMPLE.COM", " ann@example.com\t", "Ａnn@example.com"]),
    ("national_id", "11010519491231002X", ["11010519491231002x", "110105 19491231 002X"]),
    ("cookie", "ck.0aF", ["ck.0aF", " ck.0aF "]),
    ("device", "dv.1", ["dv.1", "ｄv.1"]),
    ("open_id", "o123", ["o123 "]),
    ("union_id", "oU_9", ["oU_9"]),
    ("member_no", "M10000001", ["M10000001", "Ｍ１００００００１"]),
    ("card_no", "6222", [" 6222"]),
]
CASES = [(kind, form, typed) for kind, form, spelled in SPELLINGS for typed in spelled]


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    settings = read_settings(home=tmp_path)
    company = Company(name="x", currency="CNY", timezone="Asia/Shanghai", phone_region="CN")
    write_home(settings, Home(home_id="h", company=company))
    return settings


def request(kind: str, value: str, *, scope: str | None = None) -> LookupRequest:
    return LookupRequest.model_validate({"kind": kind, "value": value, "scope": scope})


def by_definition(home: Settings, kind: str, *, form: str) -> str:
    """Hash a normal form by the written definition, with the standard library alone."""
    md5 = hashlib.md5(form.encode(), usedforsecurity=False).hexdigest()
    message = f"{kind}:{md5}".encode()
    return hmac.new(read_secret(home).identifiers, message, hashlib.sha256).hexdigest()[:40]


@pytest.mark.parametrize(("kind", "form", "typed"), CASES)
def test_every_spelling_leads_to_the_same_key(
    home: Settings, kind: str, *, form: str, typed: str
) -> None:
    assert identifier_key(request(kind, typed), settings=home) == by_definition(
        home, kind, form=form
    )


@pytest.mark.parametrize("kind", ["cookie", "device", "open_id", "union_id", "member_no"])
def test_case_tells_opaque_identifiers_apart(home: Settings, kind: str) -> None:
    small, large = (identifier_key(request(kind, v), settings=home) for v in ("abc", "ABC"))

    assert small != large


@pytest.mark.parametrize("kind", ["open_id", "member_no", "card_no"])
def test_a_scope_makes_another_identifier(home: Settings, kind: str) -> None:
    keys = {
        identifier_key(request(kind, "7", scope=scope), settings=home)
        for scope in (None, "app1", "app2")
    }

    assert len(keys) == 3
    assert by_definition(home, kind, form="app1|7") in keys


def test_two_homes_know_one_number_under_two_keys(tmp_path: Path) -> None:
    keys = {
        identifier_key(
            request("phone", "13812345678"), settings=read_settings(home=tmp_path / name)
        )
        for name in ("one", "two")
    }

    assert len(keys) == 2


def test_one_value_has_another_key_in_every_kind(home: Settings) -> None:
    opaque = [k for k in IDENTIFIER_KINDS if k not in {"phone", "email", "national_id", "address"}]

    keys = {identifier_key(request(kind, "x1"), settings=home) for kind in opaque}

    assert len(keys) == len(opaque) > 5


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("phone", "1381234567"),
        ("phone", "无"),
        ("phone", "12345678901"),
        ("email", "ann@example"),
        ("email", "ann example.com"),
        ("email", "a@b@c.com"),
        ("national_id", "12"),
        ("cookie", "   "),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_refusal_hides_the_value_in_either_language(
    home: Settings, kind: str, *, value: str, language: str
) -> None:
    with pytest.raises(IdentifierValueError) as caught:
        identifier_key(request(kind, value), settings=home)

    with speaking("zh" if language == "zh" else "en"):
        message = caught.value.message()
    assert "<hidden>" in message
    assert value.strip() == "" or value not in message
    assert caught.value.http_status == 422


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "passport", "value": "1"},
        {"kind": "phone"},
        {"kind": "phone", "value": ""},
        {"kind": "phone", "value": "1" * 257},
        {"kind": "phone", "value": "1", "scope": ""},
        {"kind": "phone", "value": "1", "note": "x"},
        {"kind": "phone", "value": None},
    ],
)
def test_a_request_of_another_form_is_refused(body: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        LookupRequest.model_validate(body)


@pytest.mark.parametrize("n", [0, 1, 3])
def test_an_answer_fits_its_model_whoever_was_found(n: int) -> None:
    customers = [
        {"customer_id": f"c{i}", "n_accounts": n - i, "sources": ["web", "crm", "web"]}
        for i in range(n)
    ]
    row: Row = {"masked": "138****5678", "state": "shared", "customers": customers}

    found = look_up(lambda *_: [row], request("phone", "13812345678"), key="k")

    shown = LookupAnswer.model_validate(found)
    assert [held.customer_id for held in shown.customers] == [f"c{i}" for i in range(n)]
    assert all(held.sources == ["crm", "web"] for held in shown.customers)
    assert "13812345678" not in shown.model_dump_json()
