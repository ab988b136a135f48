"""The partner's list: MD5s that meet the clear values, and cookies that sometimes do."""

import hashlib

import numpy as np
import pandas as pd
import pytest

from tests.chances import near
from tests.identity_company import made, seconds

KINDS = ["phone_md5", "email_md5", "cookie"]


def audience() -> pd.DataFrame:
    return made().rows("partner", "audience")


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def test_every_row_has_one_key_of_the_three_kinds() -> None:
    assert (audience()[KINDS].notna().sum(axis=1) == 1).all()


@pytest.mark.parametrize(("kind", "share"), list(zip(KINDS, (0.60, 0.15, 0.25), strict=True)))
def test_kinds_come_at_their_shares(kind: str, share: float) -> None:
    cells = audience()[kind]

    assert cells.notna().mean() == near(share, n=len(cells))


def test_a_phones_digest_is_that_of_the_number_the_person_used_then() -> None:
    rows = audience().dropna(subset=["phone_md5"])
    phones = made().world.people.phones

    number = phones.at(rows["person"].to_numpy(), seconds(rows["seen_at"]))

    assert rows["phone_md5"].tolist() == [md5(str(one)) for one in number.tolist()]


def test_a_mails_digest_is_that_of_the_mailbox() -> None:
    rows = audience().dropna(subset=["email_md5"])
    people = made().world.people

    mails = np.array(people.mails.to_pylist())[people.mail[rows["person"]]]

    assert rows["email_md5"].tolist() == [md5(mail) for mail in mails]


def test_digests_meet_the_clear_numbers_of_other_systems() -> None:
    members = made().rows("crm", "members")
    clear = {md5(phone) for phone in members["phone"].dropna()}

    met = audience()["phone_md5"].dropna().isin(clear)

    # known to the CRM 52 %, with the first number or the head's most of the time
    assert 0.25 < met.mean() < 0.45


def test_cookies_are_the_web_shops_at_the_stated_rate() -> None:
    rows = audience().dropna(subset=["cookie"])
    known = set(made().rows("web", "visitors")["cookie"])

    assert rows["cookie"].isin(known).mean() == near(0.60, n=len(rows))


def test_a_matched_cookie_is_the_persons_or_the_heads() -> None:
    rows = audience().dropna(subset=["cookie"])
    visitors = made().rows("web", "visitors")
    pairs = set(zip(visitors["cookie"], visitors["person"], strict=True))
    known = rows[rows["cookie"].isin(visitors["cookie"])]

    assert all(pair in pairs for pair in zip(known["cookie"], known["person"], strict=True))


def test_rows_are_numbered_not_named_after_the_digest() -> None:
    keys = audience()["row_id"]

    assert keys.is_unique
    assert keys.str.fullmatch(r"R\d{8}").all()


def test_rows_are_seen_within_the_three_years() -> None:
    first, last = pd.Timestamp("2023-07-01"), pd.Timestamp("2026-07-01")

    assert audience()["seen_at"].between(first, last).all()
