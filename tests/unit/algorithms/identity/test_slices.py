"""Slices of an evaluation: which pairs are of which kind."""

from algorithms.identity.evaluation import UNKNOWN, Pairs
from algorithms.identity.slices import Slice, by_sources, by_word, household_sizes
from tests.partitions import labels, numbered

SOURCES = ["crm", "pos", "web"]


def test_a_pair_belongs_to_its_two_sources() -> None:
    # Ann: crm crm pos, of which the last two were joined; Bob: pos, joined with a web of Cid
    found = by_sources(labels("abbcc", "AAABC"), numbered("ccppw"), names=SOURCES)

    assert found == [
        Slice("crm + crm", Pairs(true=1, predicted=0, common=0)),
        Slice("crm + pos", Pairs(true=2, predicted=1, common=1)),
        Slice("pos + web", Pairs(true=0, predicted=1, common=0)),
    ]


def test_sources_that_share_nobody_have_no_slice() -> None:
    assert by_sources(labels("ab", "AB"), numbered("cp"), names=SOURCES) == []


def test_no_account_is_in_no_slice() -> None:
    assert by_sources(labels("", ""), numbered(""), names=[]) == []
    assert by_word(labels("", ""), numbered(""), names=[]) == []


def test_the_name_of_a_slice_does_not_depend_on_which_account_came_first() -> None:
    one = by_sources(labels("aa", "AA"), numbered("cp"), names=["crm", "pos"])
    other = by_sources(labels("aa", "AA"), numbered("pc"), names=["pos", "crm"])

    assert one == other == [Slice("crm + pos", Pairs(1, 1, 1))]


def test_a_word_sees_the_pairs_of_its_accounts() -> None:
    # three accounts of Ann: two joined by phone; the third, joined by email to Bob's
    found = by_word(labels("aabb", "AAAB"), numbered("ppee"), names=["phone", "email"])

    assert found == [
        # each of the two has two true partners, and found one, rightly
        Slice("phone", Pairs(true=4, predicted=2, common=2), 2),
        # Ann's third has two true partners, Bob none; both were given a wrong one
        Slice("email", Pairs(true=2, predicted=2, common=0), 2),
    ]


def test_words_that_nobody_has_are_not_told() -> None:
    found = by_word(labels("ab", "AB"), numbered("xx"), names=["phone", "email"])

    assert [slice_.name for slice_ in found] == ["phone"]


def test_whoever_has_no_word_is_in_no_slice() -> None:
    found = by_word(labels("aa", "AA"), numbered(["x", None]), names=["phone"])

    assert found == [Slice("phone", Pairs(1, 1, 1), 1)]


def test_households_are_sliced_by_their_persons() -> None:
    # h: Ann alone with two accounts; k: Bob and Cid; the last account's home is not known
    words, names = household_sizes(labels("abcde", "AABCD", household=["h", "h", "k", "k", None]))

    assert [names[word] if word != UNKNOWN else "-" for word in words] == ["1", "1", "2", "2", "-"]


def test_large_households_are_one_slice() -> None:
    words, names = household_sizes(labels("abcdef", "ABCDEF", household="hhhhhh"))

    assert {names[word] for word in words} == {"5+"}


def test_without_households_nobody_has_a_size() -> None:
    words, _ = household_sizes(labels("ab", "AB"))

    assert words.tolist() == [UNKNOWN, UNKNOWN]
