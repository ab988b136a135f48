"""The third party: people known by one digest or cookie."""

from hashlib import md5

import pytest

from tests.demo_exports import company, rows_of


def test_the_partner_knows_people_by_one_digest_or_cookie() -> None:
    audience = rows_of("partner", "audience")
    kinds = audience[["phone_md5", "email_md5", "cookie"]].notna()

    assert (kinds.sum(axis=1) == 1).all()
    # who has no mail is known by phone: 0.60 + 0.15 * 0.45
    assert kinds["phone_md5"].mean() == pytest.approx(0.6675, abs=0.03)
    assert kinds["cookie"].mean() == pytest.approx(0.25, abs=0.03)


def test_digests_are_those_of_the_national_number() -> None:
    audience, people = rows_of("partner", "audience"), company().people
    digests = audience["phone_md5"].dropna()
    real = {md5(str(phone).encode()).hexdigest() for phone in people.phone.tolist()}

    assert set(digests.str.lower()) <= real
    assert digests.str.isupper().mean() == pytest.approx(0.2, abs=0.03)


def test_the_partners_cookies_are_the_web_shops_where_there_is_one() -> None:
    cookies = rows_of("partner", "audience")["cookie"].dropna()

    seen = set(rows_of("web", "visitors")["cookie"])

    # a fifth of the persons come to the web shop; some borrow another's browser there
    assert 0.1 < cookies.isin(seen).mean() < 0.4
