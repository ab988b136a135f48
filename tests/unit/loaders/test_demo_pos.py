"""The tills: whom a receipt names, and goods brought back."""

import pytest

from loaders.demo.dirt import default_phones
from loaders.demo.draw import stream
from loaders.demo.profile import RETAIL
from tests.demo_exports import N, person_of, rows_of


def test_a_receipt_names_a_card_or_a_number_never_both() -> None:
    receipts = rows_of("pos", "receipts")

    both = receipts["会员卡号"].notna() & receipts["手机号"].notna()
    neither = receipts["会员卡号"].isna() & receipts["手机号"].isna()

    assert not both.any()
    assert 0.1 < neither.mean() < 0.25
    assert receipts["会员卡号"].notna().mean() > 0.1


def test_cards_at_the_till_are_the_members_own() -> None:
    cards, members = person_of("pos"), person_of("crm")

    shown = [key for key in cards if key.startswith("M")]

    assert len(shown) > 1_000
    assert all(members[card] == cards[card] for card in shown)


def test_every_receipts_key_is_in_the_truth() -> None:
    receipts = rows_of("pos", "receipts")
    key = receipts["会员卡号"].fillna(receipts["手机号"]).dropna()
    invented = set(default_phones(20_000, rng=stream(1, "x")).to_pylist())

    assert set(key) - invented == set(person_of("pos"))


def test_clerks_numbers_belong_to_no_customer() -> None:
    receipts, owner = rows_of("pos", "receipts"), person_of("pos")
    nobody = {key for key, person in owner.items() if person >= N}

    is_clerk = receipts["手机号"].isin(nobody)

    assert is_clerk.mean() == pytest.approx(RETAIL.clerk_receipts, abs=0.002)
    assert receipts[is_clerk].groupby("手机号")["门店编号"].nunique().max() == 1


def test_returns_have_negative_quantities() -> None:
    lines = rows_of("pos", "lines")

    back = lines["数量"].astype(int) < 0

    assert back.mean() == pytest.approx(0.01, abs=0.002)
    assert (lines.loc[back, "实付金额"] < 0).all()
    assert (lines["标价金额"] > 0).all()
