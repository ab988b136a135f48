"""The measures of a partition, on cases small enough to count on paper."""

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from algorithms.identity.evaluation import BCubed, Labels, Largest, Pairs, Share, grade, id_churn
from tests.partitions import labels, resolution

# Seven accounts. Ann has A1 A2 A3, Bob B1 B2, Cid C1, Dan D1. The partition takes A3 from
# Ann, puts it to Bob's B1, leaves B2 alone, and joins Cid with Dan.
CUSTOMER = "xxyyzww"
PERSON = "AAABBCD"


def test_pairs_are_counted_on_both_sides() -> None:
    # true: A1A2 A1A3 A2A3 B1B2; predicted: A1A2 A3B1 C1D1; common: A1A2
    pairs = grade(labels(CUSTOMER, PERSON)).pairs

    assert pairs == Pairs(true=4, predicted=3, common=1)
    assert pairs.precision == pytest.approx(1 / 3)
    assert pairs.recall == pytest.approx(1 / 4)
    assert pairs.f1 == pytest.approx(2 / 7)


def test_bcubed_is_the_mean_over_accounts() -> None:
    # precision by account: 1 1 1/2 1/2 1 1/2 1/2; recall: 2/3 2/3 1/3 1/2 1/2 1 1
    bcubed = grade(labels(CUSTOMER, PERSON)).bcubed

    assert bcubed is not None
    assert bcubed.precision == pytest.approx(5 / 7)
    assert bcubed.recall == pytest.approx((5 / 3 + 1 + 2) / 7)
    assert bcubed.f1 == pytest.approx(2 * (5 / 7) * (2 / 3) / (5 / 7 + 2 / 3))


def test_persons_are_over_merged_or_fragmented_or_exactly_found() -> None:
    grades = grade(labels(CUSTOMER, PERSON))

    # everybody shares a cluster with somebody: Ann with Bob, Cid with Dan
    assert grades.over_merged == Share(4, 4)
    assert grades.fragmented == Share(2, 4)
    assert grades.exact == Share(0, 4)
    assert (grades.n_accounts, grades.n_clusters, grades.n_persons) == (7, 4, 4)


def test_a_perfect_partition_is_perfect_in_everything() -> None:
    grades = grade(labels("aabcc", "PPQRR", household="hhhkk", oracle="ppqrr"))

    assert grades.pairs == Pairs(2, 2, 2)
    assert grades.bcubed == BCubed(1.0, 1.0)
    assert grades.over_merged == grades.fragmented == Share(0, 3)
    assert grades.exact == Share(3, 3)
    assert grades.oracle == grades.household == Share(2, 2)
    assert grades.oracle_f1 == 1.0


def test_one_giant_cluster_shows_in_the_pairs_where_bcubed_hides_it() -> None:
    # 900 people with one account each, found; 100 more in one heap
    customer = [f"c{i}" for i in range(900)] + ["heap"] * 100
    grades = grade(labels(customer, [f"p{i}" for i in range(1000)]))

    assert grades.bcubed is not None
    assert grades.bcubed.precision == pytest.approx((900 + 100 / 100) / 1000)
    assert grades.pairs == Pairs(true=0, predicted=100 * 99 // 2, common=0)
    assert grades.pairs.precision == 0
    assert grades.largest == Largest(100, 100)
    assert grades.over_merged == Share(100, 1000)


def test_the_largest_cluster_is_told_with_its_persons() -> None:
    # two of three accounts: the one that holds two people is the worse
    grades = grade(labels("aaabbbc", "PPPQQRS"))

    assert grades.largest == Largest(3, 2)


def test_the_oracle_asks_only_for_what_identifiers_can_link() -> None:
    # Ann's first two are linkable, her third is not; Bob's two are, and were not found
    grades = grade(labels("xxzyw", "AAABB", oracle="ppqrr"))

    assert grades.oracle == Share(1, 2)
    assert grades.pairs.recall == pytest.approx(1 / 4)
    assert grades.oracle_f1 == pytest.approx(2 * 1 * 0.5 / 1.5)


def test_a_component_that_mixes_persons_asks_for_no_pair_of_two() -> None:
    grades = grade(labels("xyz", "AAB", oracle="ppp"))

    assert grades.oracle == Share(0, 1)


def test_whoever_has_no_component_is_asked_for_nothing() -> None:
    grades = grade(labels("xxyy", "AAAA", oracle=["p", "p", None, None]))

    assert grades.oracle == Share(1, 1)


def test_a_family_is_no_fault_against_the_household() -> None:
    # two people of one home joined, two strangers joined
    grades = grade(labels("xxyy", "ABCD", household="hhkl"))

    assert grades.pairs.precision == 0
    assert grades.household == Share(1, 2)


def test_pairs_of_unknown_households_are_left_out_of_their_precision() -> None:
    grades = grade(labels("xxyy", "ABCD", household=["h", None, "k", "k"]))

    assert grades.household == Share(1, 1)


def test_what_the_truth_does_not_speak_of_is_not_measured() -> None:
    grades = grade(labels("xx", "AA"))

    assert grades.oracle is None
    assert grades.household is None
    assert grades.oracle_f1 is None


def test_where_nothing_is_joined_there_is_no_precision_and_no_zero_either() -> None:
    grades = grade(labels("abc", "PPQ"))

    assert grades.pairs == Pairs(true=1, predicted=0, common=0)
    assert grades.pairs.precision is None
    assert grades.pairs.recall == 0
    assert grades.pairs.f1 == 0


def test_where_there_is_no_pair_at_all_there_is_no_figure() -> None:
    pairs = grade(labels("ab", "PQ")).pairs

    assert (pairs.precision, pairs.recall, pairs.f1) == (None, None, None)


def test_no_account_is_no_grade() -> None:
    grades = grade(labels("", "", household="", oracle=""))

    assert (grades.n_accounts, grades.n_clusters, grades.n_persons) == (0, 0, 0)
    assert (grades.bcubed, grades.largest) == (None, None)
    assert grades.over_merged == Share(0, 0)
    assert grades.over_merged.value is None


def test_one_account_is_one_exact_person() -> None:
    grades = grade(labels("a", "P"))

    assert grades.exact == Share(1, 1)
    assert grades.largest == Largest(1, 1)
    assert grades.bcubed == BCubed(1.0, 1.0)


def test_a_harmonic_mean_with_nothing_found_is_zero() -> None:
    grades = grade(labels("xxyz", "ABCC", oracle="ppqq"))

    assert grades.oracle_f1 == 0.0


def test_any_numbers_name_groups() -> None:
    person = np.array([0, 0, 0, 1, 1, 2, 3])
    customer = np.array([2**40, 2**40, 5, 5, -7, 0, 0])

    assert grade(Labels(customer, person)).pairs == Pairs(4, 3, 1)


def test_millions_of_pairs_are_counted_exactly() -> None:
    # 200,000 accounts in one cluster, two to a person: 19,999,900,000 pairs
    n = 200_000
    person = np.arange(n) // 2

    grades = grade(Labels(np.zeros(n, dtype=np.int64), person))

    assert grades.pairs == Pairs(true=100_000, predicted=n * (n - 1) // 2, common=100_000)
    assert grades.bcubed is not None
    assert grades.bcubed.precision == 2 / n


def test_ids_churn_where_accounts_have_another_customer() -> None:
    before = resolution(crm_1="c1", crm_2="c1", pos_1="c2", web_9="c3")
    after = resolution(pos_1="c2", crm_2="c4", crm_1="c1", erp_5="c9")

    # web:9 is gone and erp:5 is new: neither can have changed
    assert id_churn(before, after) == Share(1, 3)


def test_a_renamed_partition_churns_though_it_is_the_same() -> None:
    before = resolution(crm_1="c1", crm_2="c1")

    assert id_churn(before, resolution(crm_1="d1", crm_2="d1")) == Share(2, 2)
    assert id_churn(before, before).value == 0.0


def test_there_is_no_churn_before_the_second_time() -> None:
    nothing = resolution().cast(
        pa.schema([(n, pa.string()) for n in ("account_id", "customer_id")])
    )

    assert id_churn(nothing, resolution(crm_1="c1")).value is None


def test_the_order_of_accounts_changes_no_digit() -> None:
    rng = np.random.default_rng(3)
    person = rng.integers(0, 400, 1000)
    customer = np.where(rng.random(1000) < 0.8, person, rng.integers(0, 400, 1000))
    shuffles = [rng.permutation(1000) for _ in range(4)]

    found = [grade(Labels(customer[order], person[order])) for order in shuffles]

    assert all(one == other for one, other in pairwise(found))
