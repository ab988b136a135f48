"""A customer with something on every side, from the one row that the query returns.

The row is made by hand in the form that the query promises; every number of the answer is
worked out here from its parts.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from algorithms.registry import computed_spec
from api.facets import LATEST, consents, facets, orders, timeline
from api.models import profile_model
from api.profile import MOST_ACCOUNTS, MOST_IDENTIFIERS, account, identifier, profile
from api.views import Row, View, facts_of, maps, row_of
from graph.language import speaking

SPEC = computed_spec()
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOON = 1_767_268_800_000  # 2026-01-01T12:00:00Z
DAY = 86_400_000


def account_row(account_id: str, **known: object) -> Row:
    source = account_id.partition(":")[0]
    facts: dict[str, object] = {p.name: None for p in facts_of(SPEC, "Account")}
    return {
        "account_id": account_id,
        "rule": "phone",
        "confidence": 0.98,
        "since": NOON,
        "facts": {**facts, "source": source, **known},
    }


def order_group(n: int, spend: int, **known: object) -> Row:
    plain: dict[str, object] = {
        "status": "paid",
        "is_visit": True,
        "in_store": False,
        "by_card": False,
        "first": NOON,
        "last": NOON,
    }
    return {**plain, "n": n, "spend": spend, **known}


def run_row(algorithm: str, started_at: int) -> Row:
    return {
        "run_id": f"{algorithm}-7",
        "algorithm": algorithm,
        "version": "1.2",
        "as_of": started_at - DAY,
        "started_at": started_at,
    }


def customer_row() -> dict[str, object]:
    """Return a customer who is a member, buys online and in a shop, complains and writes."""
    return {
        "customer": {
            "customer_id": "c1",
            "n_accounts": 3,
            "customer_changed_at": NOON - DAY,
            "rfm_recency_days": 12.5,
            "rfm_order_count": 4,
        },
        "accounts": [
            account_row("crm:M1", kind="member", card_tier="金卡", registered_at=NOON - 9 * DAY),
            account_row("crm:M2", kind="member", card_tier="普通卡", registered_at=NOON - 2 * DAY),
            account_row("pos:138", kind="card", card_tier="never shown"),
        ],
        "orders": [
            order_group(2, 1_999_900, first=NOON - 5 * DAY, last=NOON - 4 * DAY),
            order_group(1, 300_000, in_store=True, by_card=True, first=NOON, last=NOON),
            order_group(1, -99_900, in_store=True, by_card=True, is_visit=False),
            order_group(3, 5_000_000, status="cancelled"),
            order_group(1, 7_000, status="refunded"),
        ],
        "service": [
            {"kind": "complaint", "n": 2, "n_open": 1, "last": NOON},
            {"kind": None, "n": 1, "n_open": 0, "last": NOON - DAY},
        ],
        "community": {
            "n_posts": 5,
            "n_replies_written": 3,
            "n_replies_received": 9,
            "n_likes": 40,
            "last_at": NOON,
        },
        "consents": [
            {"purpose": "marketing", "channel": "sms", "granted": True, "at": NOON - DAY},
            {"purpose": "marketing", "channel": "sms", "granted": False, "at": NOON},
            {"purpose": "profiling", "channel": None, "granted": True, "at": NOON},
        ],
        "runs": [run_row("rfm", NOON)],
        "identifiers": [
            {
                "kind": "phone",
                "masked": "138****5678",
                "state": "linking",
                "reason": None,
                "first_seen_at": NOON - 3 * DAY,
                "last_seen_at": None,
                "sources": ["pos", "crm"],
            }
        ],
        "latest_order": [{"kind": "order", "id": "erp:1", "source": "erp", "at": NOON}],
        "latest_post": [{"kind": "post", "id": "bbs:9", "source": "bbs", "at": NOON + 1}],
        "latest_ticket": [],
        "latest_consent": [{"kind": "consent", "id": "crm:c", "source": "crm", "at": None}],
    }


def shown_of(row: Row, *, with_identifiers: bool = True) -> View:
    return profile(lambda *_: [row], "c1", spec=SPEC, with_identifiers=with_identifiers)


def values(view: object) -> dict[str, object]:
    return {name: row_of(one)["value"] for name, one in row_of(view).items()}


# ---------------------------------------------------------------- the whole customer


def test_a_customer_with_everything_fits_the_promised_model() -> None:
    found = profile_model(SPEC).model_validate(shown_of(customer_row())).model_dump(mode="json")

    assert found["customer_id"] == "c1"
    assert found["n_accounts"] == 3
    assert found["changed_at"] == "2025-12-31T12:00:00Z"


def test_accounts_stand_under_their_source_in_the_order_that_they_came() -> None:
    accounts = row_of(shown_of(customer_row())["accounts"])

    assert {source: [a["account_id"] for a in maps(held)] for source, held in accounts.items()} == {
        "crm": ["crm:M1", "crm:M2"],
        "pos": ["pos:138"],
    }


def test_the_number_of_accounts_is_counted_where_nobody_noted_it() -> None:
    row = customer_row()
    row["customer"] = {**row_of(row["customer"]), "n_accounts": None}

    assert shown_of(row)["n_accounts"] == 3


def test_the_query_is_told_its_limits() -> None:
    asked: list[Mapping[str, object]] = []

    def ask(query: str, parameters: Mapping[str, object]) -> list[Row]:
        asked.append(parameters)
        return [customer_row()]

    profile(ask, "c1", spec=SPEC, with_identifiers=True)

    limits = {"most_accounts": MOST_ACCOUNTS, "most_identifiers": MOST_IDENTIFIERS}
    assert asked == [{"id": "c1", **limits, "latest": LATEST}]


def test_scores_of_a_run_after_the_last_change_are_shown() -> None:
    rfm = row_of(row_of(shown_of(customer_row())["scores"])["rfm"])

    assert rfm["state"] == "scored"
    assert values(rfm["values"])["rfm_recency_days"] == 12.5
    assert row_of(rfm["run"])["started_at"] == EPOCH + timedelta(milliseconds=NOON)


def test_scores_of_a_run_before_the_last_change_are_withheld() -> None:
    row = customer_row()
    row["customer"] = {**row_of(row["customer"]), "customer_changed_at": NOON + 1}

    rfm = row_of(row_of(shown_of(row)["scores"])["rfm"])

    assert rfm["state"] == "not-scored-since-merge"
    assert set(values(rfm["values"]).values()) == {None}


# ---------------------------------------------------------------- one account, one identifier


def test_an_account_keeps_how_it_was_joined_and_shows_its_facts() -> None:
    shown = account(account_row("crm:M1", kind="member", city="上海"), SPEC)

    assert (shown["rule"], shown["confidence"]) == ("phone", 0.98)
    assert shown["since"] == datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert shown["source"] == "crm"
    assert values(shown["facts"])["city"] == "上海"


def test_an_account_shows_neither_key_nor_bookkeeping_among_its_facts() -> None:
    facts = row_of(account(account_row("crm:M1"), SPEC)["facts"])

    assert set(facts) == {p.name for p in facts_of(SPEC, "Account")}
    assert not {"account_id", "loaded_at", "touched_at"} & set(facts)


@pytest.mark.parametrize(
    ("sources", "expected"),
    [(["pos", "crm", "pos"], ["crm", "pos"]), ([], []), (None, []), (["b", None], ["b"])],
)
def test_an_identifiers_sources_are_distinct_and_sorted(
    sources: object, expected: list[str]
) -> None:
    held = {"kind": "phone", "first_seen_at": None, "last_seen_at": NOON, "sources": sources}

    shown = identifier(held)

    assert shown["sources"] == expected
    assert (shown["first_seen_at"], shown["last_seen_at"]) == (
        None,
        datetime(2026, 1, 1, 12, tzinfo=UTC),
    )


# ---------------------------------------------------------------- money and counts, by hand


def test_orders_sum_what_was_paid_and_count_what_was_not() -> None:
    found = values(shown_of(customer_row())["orders"])

    assert found["n_orders"] == 2 + 1
    # 199.99 + 30.00 - 9.99 in yuan
    assert found["spend"] == 220.0
    assert found["n_not_paid"] == 3 + 1
    assert found["first_at"] == datetime(2025, 12, 27, 12, tzinfo=UTC)
    assert found["last_at"] == datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_shop_and_online_together_are_all_that_was_paid() -> None:
    sides = row_of(shown_of(customer_row())["facets"])
    store, online, card = (values(sides[name]) for name in ("store", "online", "card"))

    assert (store["n_orders"], online["n_orders"]) == (1, 2)
    assert (store["spend"], online["spend"]) == (20.01, 199.99)
    assert card == store


def test_a_customer_who_only_brought_goods_back_has_spent_less_than_nothing() -> None:
    found = values(orders([order_group(1, -50_000, is_visit=False)]))

    assert (found["n_orders"], found["spend"]) == (0, -5.0)
    assert (found["first_at"], found["last_at"]) == (None, None)


@pytest.mark.parametrize(
    ("ten_thousandths", "yuan"),
    [(1, 0.0001), (10_000, 1.0), (123_456_789_012, 12_345_678.9012), (-1, -0.0001), (0, 0.0)],
)
def test_ten_thousandths_become_the_companys_currency(ten_thousandths: int, yuan: float) -> None:
    assert values(orders([order_group(1, ten_thousandths)]))["spend"] == yuan


def test_membership_knows_the_first_registration_and_every_tier() -> None:
    found = values(row_of(shown_of(customer_row())["facets"])["membership"])

    assert found == {
        "n_accounts": 2,
        "card_tiers": ["普通卡", "金卡"],
        "registered_at": datetime(2025, 12, 23, 12, tzinfo=UTC),
    }


def test_service_counts_cases_without_a_kind_but_does_not_name_them() -> None:
    found = values(row_of(shown_of(customer_row())["facets"])["service"])

    assert (found["n_tickets"], found["n_open"]) == (3, 1)
    assert found["kinds"] == ["complaint"]


def test_community_is_shown_as_counted() -> None:
    found = values(row_of(shown_of(customer_row())["facets"])["community"])

    assert (found["n_posts"], found["n_replies_written"]) == (5, 3)
    assert (found["n_replies_received"], found["n_likes"]) == (9, 40)


def test_a_row_without_lists_has_sides_of_nothing() -> None:
    found = facets({"orders": None, "accounts": None, "service": None, "community": None})

    assert values(found["store"])["n_orders"] == 0
    assert values(found["membership"])["card_tiers"] == []
    assert values(found["community"])["n_posts"] is None


# ---------------------------------------------------------------- consents and the timeline


def test_the_last_word_on_each_purpose_and_channel_counts() -> None:
    found = consents(maps(customer_row()["consents"]))

    assert [(said["purpose"], said["channel"], said["granted"]) for said in found] == [
        ("marketing", "sms", False),
        ("profiling", None, True),
    ]
    assert found[0]["at"] == datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_a_consent_for_all_channels_is_not_that_for_one() -> None:
    said = {"purpose": "marketing", "granted": True, "at": NOON}

    found = consents([{**said, "channel": None}, {**said, "channel": "sms"}])

    assert [one["channel"] for one in found] == [None, "sms"]


def test_the_timeline_begins_with_the_newest_and_ends_with_the_undated() -> None:
    found = timeline(customer_row())

    assert [happening["id"] for happening in found] == ["bbs:9", "erp:1", "crm:c"]
    assert found[0]["at"] == datetime(2026, 1, 1, 12, 0, 0, 1000, tzinfo=UTC)
    assert found[2]["at"] is None


@pytest.mark.parametrize("n", [0, 1, LATEST - 1, LATEST, LATEST + 1])
def test_the_timeline_never_has_more_than_the_latest(n: int) -> None:
    row = {
        f"latest_{kind}": [{"kind": kind, "id": f"{kind}{i}", "at": i} for i in range(n)]
        for kind in ("order", "post")
    }

    found = timeline(row)

    assert len(found) == min(2 * n, LATEST)
    # the newest of both kinds, none skipped
    newest = sorted((i for i in range(n) for _ in range(2)), reverse=True)[:LATEST]
    assert [f["at"] for f in found] == [EPOCH + timedelta(milliseconds=i) for i in newest]


# ---------------------------------------------------------------- language and withholding


def test_every_meaning_of_a_profile_is_said_in_the_language_asked_for() -> None:
    english = shown_of(customer_row())
    with speaking("zh"):
        chinese = shown_of(customer_row())

    for name, shown in row_of(english["orders"]).items():
        other = row_of(row_of(chinese["orders"])[name])
        assert row_of(shown)["value"] == other["value"]
        assert row_of(shown)["about"] != other["about"]
        assert any("一" <= letter <= "鿿" for letter in str(other["about"]))


def test_identifiers_appear_masked_or_not_at_all() -> None:
    without = {name: part for name, part in customer_row().items() if name != "identifiers"}

    (seen,) = maps(shown_of(customer_row())["identifiers"])

    assert seen["masked"] == "138****5678"
    assert shown_of(without, with_identifiers=False)["identifiers"] is None
