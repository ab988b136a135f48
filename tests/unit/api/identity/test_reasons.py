"""What a steward may write, and what looks too much like somebody's."""

import pytest

from api.identity.reasons import LONGEST, PersonalReasonError, ReasonLengthError, checked
from graph.language import speaking


@pytest.mark.parametrize(
    "reason",
    [
        "same card shown in the shop",
        "两人在店内共用一部手机",
        "called on 2026-03-01 14:05, confirmed",
        "seen 2026/03/01 and 2026.3.2",
        "undo of 000000000012, see also d000031",
        "order 123456 belongs to crm:1001",
        "3 cards, 12 orders, 100,000 yuan",
    ],
)
def test_an_ordinary_reason_passes(reason: str) -> None:
    assert checked(reason) == reason


@pytest.mark.parametrize(
    "reason",
    [
        "her number is 13812345678",
        "her number is 138 1234 5678",
        "138-1234-5678",
        "(010) 6552-9988",
        "+1 650 253 0000",
        "１３８１２３４５６７８",
        "138\u200b1234\u200b5678",
        "138.1234.5678",
        "id 11010519491231002X",
        "A123456(7)",
        "crm:13812345678",
        "2026-03-01-13812345678",
        "00013812345678",
    ],
)
def test_what_looks_like_a_number_of_a_person_is_refused(reason: str) -> None:
    with pytest.raises(PersonalReasonError) as caught:
        checked(reason)

    assert "phone" in str(caught.value)
    assert "1234" not in str(caught.value)


@pytest.mark.parametrize(
    "reason", ["write to ann@example.com", "ＡＮＮ＠ｅｘａｍｐｌｅ．ｃｏｍ", "a@b.cn!"]
)
def test_what_looks_like_an_address_is_refused(reason: str) -> None:
    with pytest.raises(PersonalReasonError, match="e-mail"):
        checked(reason)


def test_the_refusal_speaks_chinese_too() -> None:
    with speaking("zh"), pytest.raises(PersonalReasonError, match="疑似邮箱"):
        checked("ann@example.com")


@pytest.mark.parametrize("reason", ["", " ", "\n\t", "\u200b"])
def test_a_reason_that_says_nothing_is_none(reason: str) -> None:
    with pytest.raises(ReasonLengthError):
        checked(reason)

    assert checked(reason, is_required=False) == ""


def test_a_reason_has_an_end() -> None:
    assert len(checked("好" * LONGEST)) == LONGEST
    with pytest.raises(ReasonLengthError) as caught:
        checked("好" * (LONGEST + 1), is_required=False)

    assert caught.value.facts == {"longest": 500, "n": 501}
