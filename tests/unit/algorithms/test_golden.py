"""The golden record of customers: what is chosen, who said it, and what is disputed."""

from pathlib import Path

import pandas as pd
import pytest

from algorithms.golden import ALGORITHM, FIELDS, home_defaults
from algorithms.golden_policy import GoldenPolicyError
from algorithms.identity.golden_values import PERSONAL
from algorithms.parameters import ParameterError, parse_overrides
from algorithms.run import Request, compute_all
from algorithms.session import opened
from graph.settings import Settings, read_settings
from tests.pure import Rows, Shelf, result_of, utc

Told = dict[str, object]


LISTS = ("sources", "conflicts")


def account(key: str, customer: str | None = "ann", /, **fields: object) -> Told:
    """Return an account of a customer; its source is the key's own, its kind a member's."""
    source = key.partition(":")[0]
    return {"account_id": key, "source": source, "customer_id": customer, "kind": "member"} | fields


def records(
    *accounts: Told, identifiers: Rows | None = None, rules: dict[str, str] | None = None
) -> pd.DataFrame:
    tables = {"accounts": list(accounts), "identifiers": identifiers or []}
    return result_of(ALGORITHM, tables, settings=rules).frames["Customer"]


def golden(
    *accounts: Told, identifiers: Rows | None = None, rules: dict[str, str] | None = None
) -> Told:
    """Return what the record of the one customer states, without the prefix."""
    (record,) = records(*accounts, identifiers=identifiers, rules=rules).to_dict("records")
    named = {str(name).removeprefix("golden_"): value for name, value in record.items()}
    # a list is no single value that could be asked whether it is missing
    found = {name: named.pop(name) for name in LISTS}
    lists = {name: list(value) for name, value in found.items() if hasattr(value, "__len__")}
    stated = {name: value for name, value in named.items() if pd.notna(value)}
    return {**stated, **lists}


def test_a_customer_of_one_account_is_what_the_account_says() -> None:
    assert golden(account("crm:1", city="上海", birth_year=1988)) == {
        "customer_id": "ann",
        "city": "上海",
        "birth_year": 1988,
    }


def test_each_field_has_a_rule_of_its_own() -> None:
    found = golden(
        account("crm:1", registered_at=utc("2020-01-01"), city="苏州", gender="female"),
        account("erp:1", gender="female"),
        account("web:1", registered_at=utc("2025-01-01"), city="上海", gender="male"),
    )

    # the city is where she lives now, the gender what most accounts say
    assert (found["city"], found["gender"]) == ("上海", "female")


def test_the_account_behind_each_value_is_named() -> None:
    found = golden(
        account("crm:1", registered_at=utc("2020-01-01"), city="苏州", occupation="律师"),
        account("web:1", registered_at=utc("2025-01-01"), city="上海"),
    )

    assert found["sources"] == ["city=web:1", "occupation=crm:1"]


def test_what_accounts_disagree_on_is_told() -> None:
    found = golden(
        account("crm:1", city="苏州", gender="female", region="江苏"),
        account("web:1", city="上海", gender="female", region="上海"),
    )

    assert found["conflicts"] == ["city", "region"]


def test_accounts_that_agree_or_are_silent_disagree_on_nothing() -> None:
    found = golden(account("crm:1", city="苏州"), account("web:1", city="苏州"), account("pos:1"))

    assert "conflicts" not in found
    assert found["sources"] == ["city=crm:1"]


def test_unknown_is_no_gender() -> None:
    found = golden(account("crm:1", gender="unknown"), account("web:1", gender="male"))

    assert found["gender"] == "male"
    assert "conflicts" not in found


def test_an_account_is_as_late_as_its_identifier_was_seen() -> None:
    seen: Rows = [
        {"account_id": "crm:1", "last_seen_at": utc("2026-01-01")},
        {"account_id": "crm:1", "last_seen_at": None},
        {"account_id": "crm:1", "last_seen_at": utc("2019-01-01")},
    ]

    found = golden(
        account("crm:1", registered_at=utc("2020-01-01"), city="苏州"),
        account("web:1", registered_at=utc("2025-01-01"), city="上海"),
        identifiers=seen,
    )

    assert found["city"] == "苏州"


def test_an_account_that_was_only_seen_has_a_time_too() -> None:
    seen: Rows = [{"account_id": "web:1", "last_seen_at": utc("2026-01-01")}]

    found = golden(
        account("crm:1", registered_at=utc("2020-01-01"), city="苏州"),
        account("web:1", city="上海"),
        identifiers=seen,
    )

    assert found["city"] == "上海"


def test_belief_follows_the_kind_of_account_unless_sources_are_named() -> None:
    accounts = (
        account("crm:1", kind="member", card_tier="金卡"),
        account("partner:1", kind="partner", card_tier="普通卡"),
    )

    assert golden(*accounts)["card_tier"] == "金卡"
    assert golden(*accounts, rules={"sources": "partner, crm"})["card_tier"] == "普通卡"
    assert golden(*accounts, rules={"kinds": "partner,member"})["card_tier"] == "普通卡"


@pytest.mark.parametrize(
    ("rule", "city"), [("latest", "c"), ("source_order", "a"), ("most_frequent", "b")]
)
def test_a_rule_can_be_set_for_one_run(rule: str, city: str) -> None:
    accounts = (
        account("a:1", city="a", registered_at=utc("2020-01-01")),
        account("b:1", city="b", registered_at=utc("2021-01-01")),
        account("b:2", city="b", registered_at=utc("2022-01-01")),
        account("c:1", city="c", registered_at=utc("2023-01-01")),
    )

    assert golden(*accounts, rules={"city": rule})["city"] == city


@pytest.mark.parametrize(("name", "value"), [("city", "newest"), ("kinds", "member,robot")])
def test_a_rule_that_there_is_not_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(ParameterError) as refused:
        golden(account("crm:1", city="a"), rules={name: value})

    assert refused.value.facts["parameter"] == name


def test_whoever_says_nothing_has_no_record() -> None:
    found = records(
        account("crm:1"), account("crm:2", None, city="x"), account("crm:3", "bob", city="y")
    )

    assert found["customer_id"].tolist() == ["bob"]


def test_customers_are_told_apart_and_in_order() -> None:
    found = records(
        account("crm:1", "eve", city="x", birth_year=1990),
        account("crm:2", "bob", city="y"),
        account("crm:3", "ann", occupation="z", birth_year=1970),
    )

    assert found["customer_id"].tolist() == ["ann", "bob", "eve"]
    assert found["golden_city"].fillna("-").tolist() == ["-", "y", "x"]
    assert found["golden_birth_year"].fillna(0).tolist() == [1970, 0, 1990]


def test_keys_may_hold_what_divides_the_parts_of_a_source() -> None:
    found = golden(account("crm:a=b,c", city="x"), account("crm:d"))

    assert found["sources"] == ["city=crm:a=b,c"]


def test_conflicts_are_counted_by_field() -> None:
    rows: Rows = [account("crm:1", city="x"), account("crm:2", city="y")]

    result = result_of(ALGORITHM, {"accounts": rows})

    assert result.metrics["conflicts"] == {name: int(name == "city") for name in FIELDS}


def test_nothing_personal_is_read_or_written() -> None:
    written = {p.name for p in ALGORITHM.outputs["Customer"]}

    assert not {f"golden_{name}" for name in PERSONAL} & written
    assert not set(PERSONAL) & set(ALGORITHM.reads["accounts"])


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return read_settings(home=tmp_path)


def city_in(settings: Settings, *, overrides: tuple[str, ...] = ()) -> object:
    shelf = Shelf(
        {
            "accounts": [
                account("a:1", city="old", registered_at=utc("2020-01-01")),
                account("b:1", city="new", registered_at=utc("2025-01-01")),
            ]
        }
    )
    request = Request(names=("golden",), overrides=parse_overrides(overrides), dry_run=True)
    found = compute_all(shelf, request=request, settings=settings)
    return found.elements["Customer"]["golden_city"].to_pylist()[0]


def test_a_home_overrides_the_shipped_rules_and_a_command_the_home(home: Settings) -> None:
    shipped = city_in(home)
    (home.home / "golden.toml").write_text('[fields]\ncity = "source_order"\n')

    assert shipped == "new"
    assert city_in(home) == "old"
    assert city_in(home, overrides=("golden.city=latest",)) == "new"


def test_a_wrong_file_in_the_home_costs_no_reading(home: Settings) -> None:
    (home.home / "golden.toml").write_text('[fields]\ncity = "newest"\n')
    shelf = Shelf()

    with (
        pytest.raises(GoldenPolicyError),
        opened(shelf, Request(names=("golden",)), settings=home),
    ):
        pass

    assert shelf.asked == []


def test_the_rules_of_a_home_are_the_parameters_of_its_runs(home: Settings) -> None:
    (home.home / "golden.toml").write_text('sources = ["erp"]\n[fields]\nphone = "latest"\n')

    defaults = home_defaults(home)

    assert set(defaults) == {"sources", "kinds", *FIELDS}
    assert defaults["sources"] == "erp"
