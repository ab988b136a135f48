"""The pairs that may be joined, and in which order."""

from dataclasses import replace

import numpy as np
import pyarrow as pa

from algorithms.identity.evidence import Evidence, gather
from algorithms.identity.pairs import PAIRED, PINNED, Pairs, pairs_of, pins_of
from algorithms.identity.policy import STRENGTHS
from algorithms.identity.words import PINS, Words
from tests.identity_world import POLICY, facts_of

NO_PINS = Words()


def words(*pins: tuple[str, str, bool]) -> Words:
    rows = [dict(zip(PINS.names, pin, strict=True)) for pin in pins]
    return Words(pins=pa.Table.from_pylist(rows, PINS))


def pairs(*lines: str, said: Words = NO_PINS, among: set[str] | None = None) -> list[str]:
    """Return the pairs in their order, each as ``strength earlier later``."""
    evidence = gather(facts_of(*lines), POLICY)
    ids = evidence.accounts.to_pylist()
    chosen = np.array([among is None or account in among for account in ids])
    pins = pins_of(said, evidence.accounts)
    return told(pairs_of(evidence, POLICY, pins=pins, among=chosen), evidence)


def told(found: Pairs, evidence: Evidence) -> list[str]:
    ids = evidence.accounts.to_pylist()
    columns = zip(
        found.strength.tolist(), found.other.tolist(), found.account.tolist(), strict=True
    )
    names = {PINNED: "pinned"} | dict(enumerate(STRENGTHS))
    return [
        f"{names[strength]} {ids[other]} {ids[account]}" for strength, other, account in columns
    ]


def test_strong_evidence_comes_before_weak() -> None:
    found = pairs(
        "crm:1 member phone:1@1 cookie:1@0 card_no:1@3",
        "erp:1 - phone:1@1",
        "web:1 visitor cookie:1@0",
        "pos:1 card card_no:1@3",
    )

    assert found == ["strong crm:1 pos:1", "medium crm:1 erp:1", "weak crm:1 web:1"]


def test_of_equal_strength_the_earlier_pair_comes_first() -> None:
    found = pairs(
        "crm:1 member phone:1@5 email:1@1", "crm:2 member phone:1@6", "crm:3 member email:1@2"
    )

    # the time of a pair is that of its later account: day 2 before day 6
    assert found == ["medium crm:1 crm:3", "medium crm:1 crm:2"]


def test_of_equal_times_the_smaller_accounts_come_first() -> None:
    found = pairs("crm:3 member phone:1@1", "crm:1 member phone:1@1", "crm:2 member phone:1@1")

    assert found == ["medium crm:1 crm:2", "medium crm:1 crm:3", "medium crm:2 crm:3"]


def test_a_steward_s_word_comes_first_of_all() -> None:
    said = words(("crm:2", "erp:9", True), ("crm:1", "crm:2", False))

    found = pairs("crm:1 member card_no:1", "crm:2 member card_no:1", "erp:9 member", said=said)

    assert found == ["pinned crm:2 erp:9", "strong crm:1 crm:2"]


def test_accounts_of_different_owners_are_no_pair() -> None:
    born = ("=1990-04-07", "=1961-12-30")

    found = pairs(f"crm:1 member phone:1@0 {born[0]}", f"crm:2 member phone:1@200 {born[1]}")

    assert found == []


def test_an_identifier_that_joins_nobody_makes_no_pair() -> None:
    assert pairs("crm:1 member !phone:1", "erp:1 member !phone:1") == []
    assert pairs("crm:1 member address:1", "erp:1 member address:1") == []


def test_only_pairs_of_the_chosen_are_made() -> None:
    lines = ("crm:1 member phone:1", "crm:2 member phone:1", "crm:3 member phone:1")

    assert pairs(*lines, among={"crm:1", "crm:3"}) == ["medium crm:1 crm:3"]
    assert pairs(*lines, among=set(), said=words(("crm:1", "crm:2", True))) == []


def test_of_a_crowd_everybody_is_paired_with_so_many_before_him() -> None:
    n = PAIRED + 5
    lines = [f"web:{i:03} visitor card_no:1@{i}" for i in range(n)]

    found = pairs(*lines)

    steps = [int(one[-3:]) - int(other[-3:]) for other, one in (p.split()[1:] for p in found)]
    assert max(steps) == PAIRED
    assert len(found) == sum(min(i, PAIRED) for i in range(n))


def test_a_pair_names_the_link_of_its_later_account() -> None:
    evidence = gather(facts_of("crm:1 member phone:1@3", "erp:1 member phone:1@1"), POLICY)
    everybody = np.ones(2, dtype=np.bool_)
    pins = pins_of(NO_PINS, evidence.accounts)

    found = pairs_of(evidence, POLICY, pins=pins, among=everybody)

    assert told(found, evidence) == ["medium erp:1 crm:1"]
    (link,) = found.link.tolist()
    assert evidence.accounts[evidence.links.account[link]].as_py() == "crm:1"


def test_pins_of_accounts_that_are_not_here_are_passed_over() -> None:
    accounts = pa.array(["crm:1", "crm:2", "erp:1"])
    said = words(("crm:1", "gone:1", True), ("erp:1", "crm:1", True), ("crm:1", "crm:2", False))

    found = pins_of(said, accounts)

    assert found.together.tolist() == [[0, 2]]
    assert found.apart.tolist() == [[0, 1]]


def test_a_pin_said_twice_is_one() -> None:
    accounts = pa.array(["crm:1", "crm:2"])

    found = pins_of(words(("crm:1", "crm:2", True), ("crm:2", "crm:1", True)), accounts)

    assert found.together.tolist() == [[0, 1]]


def test_without_words_there_are_no_pins() -> None:
    found = pins_of(replace(NO_PINS), pa.array(["crm:1"]))

    assert found.together.shape == found.apart.shape == (0, 2)
