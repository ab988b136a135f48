"""The policy file: what may be overridden, and what is refused by name."""

from pathlib import Path

import pytest

from algorithms.identity.policy import PolicyError, read_policy
from tests.identity_world import facts_of, groups, run


def overridden(folder: Path, text: str) -> Path:
    path = folder / "identity.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_policy_orders_the_kinds_by_evidence() -> None:
    policy = read_policy()

    assert policy.order[:3] == ("national_id", "union_id", "member_no")
    assert policy.order[-1] == "address"
    assert [rule.priority for rule in policy.rules] == sorted(
        rule.priority for rule in policy.rules
    )


def test_a_file_overrides_single_values(tmp_path: Path) -> None:
    path = overridden(tmp_path, "[kinds.phone]\ncap = 1\n")

    policy = read_policy(path)

    assert policy.kinds["phone"].cap == 1
    assert policy.kinds["phone"].hub == read_policy().kinds["phone"].hub
    assert policy.kinds["email"] == read_policy().kinds["email"]
    assert policy != read_policy()


def test_an_overridden_cap_is_obeyed(tmp_path: Path) -> None:
    facts = facts_of("crm:1 member phone:1", "crm:2 member phone:1")

    strict = read_policy(overridden(tmp_path, "[kinds.phone]\ncap = 1\n"))

    assert len(groups(run(facts))) == 1
    assert len(groups(run(facts, policy=strict))) == 2


def test_a_kind_can_be_made_to_join(tmp_path: Path) -> None:
    facts = facts_of("crm:1 member device:1", "web:2 visitor device:1")

    trusting = read_policy(overridden(tmp_path, '[kinds.device]\nstrength = "medium"\n'))

    assert len(groups(run(facts, policy=trusting))) == 1


def test_accounts_of_listed_kinds_are_not_registered() -> None:
    policy = read_policy()

    registered = [
        k for k in ("member", "card", "visitor", "call", "partner") if policy.is_registered(k)
    ]

    assert registered == ["member", "card"]
    assert policy.is_registered(None)


def test_weights_are_whole_tenths() -> None:
    policy = read_policy()

    weights = [policy.weight(kind) for kind in ("member", None, "call", "partner", "visitor")]

    assert weights == [100, 100, 30, 30, 1]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[kinds.fax]\nstrength = 'strong'\npriority = 20\nconfidence = 1\n", "kinds.fax"),
        ("[kinds.phone]\ncapp = 3\n", "kinds.phone.capp"),
        ("[kinds.phone]\ncap = 0\n", "kinds.phone.cap"),
        ("[kinds.phone]\nstrength = 'very'\n", "kinds.phone.strength"),
        ("[kinds.phone]\ncap = 20\n", "kinds.phone"),
        ("[kinds.phone]\npriority = 1\n", "policy"),
        ("[weights.others]\nrobot = 1\n", "weights.others.robot"),
        ("kinds = 3\n", "kinds"),
        ("[kinds\n", "file"),
    ],
)
def test_a_wrong_policy_is_refused_by_place(tmp_path: Path, *, text: str, place: str) -> None:
    path = overridden(tmp_path, text)

    with pytest.raises(PolicyError, match=r"identity\.toml") as raised:
        read_policy(path)

    assert str(raised.value.facts["place"]).startswith(place)


def test_a_missing_policy_file_is_an_error_not_the_default(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="file"):
        read_policy(tmp_path / "nowhere.toml")
