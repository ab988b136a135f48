"""The table of what each role may do, as decided: written out once more, by hand."""

import pytest

from api.roles import GRANTED, Permission, Role, RoleError, may, require

CATALOGUE = {"catalogue", "runs", "schema", "aggregates"}
NETWORK = {"leaders", "circles", "network", "seeds"}
DECIDED = {
    "viewer": CATALOGUE,
    "community": CATALOGUE | NETWORK,
    "marketer": CATALOGUE | {"segments", "customers"},
    "analyst": CATALOGUE | NETWORK | {"segments", "customers", "identity", "cypher"},
    "privacy": {"look-up", "identity", "steward", "audit"},
    "admin": {permission.value for permission in Permission},
}


@pytest.mark.parametrize("role", list(Role))
def test_a_role_may_do_what_was_decided_and_nothing_else(role: Role) -> None:
    assert {permission.value for permission in GRANTED[role]} == DECIDED[role.value]


def test_every_role_is_decided_on() -> None:
    assert {role.value for role in Role} == set(DECIDED)


def test_a_marketer_sees_no_identity_and_writes_no_cypher() -> None:
    forbidden = (Permission.IDENTITY, Permission.LOOK_UP, Permission.CYPHER, Permission.AUDIT)

    assert not any(may(Role.MARKETER, permission) for permission in forbidden)


def test_only_privacy_and_admin_turn_a_clear_value_into_a_person() -> None:
    having = {role for role in Role if may(role, Permission.LOOK_UP)}

    assert having == {Role.PRIVACY, Role.ADMIN}


def test_only_privacy_and_admin_decide_who_is_whom() -> None:
    having = {role for role in Role if may(role, Permission.STEWARD)}

    assert having == {Role.PRIVACY, Role.ADMIN}


def test_a_refusal_names_the_permission_and_who_has_it() -> None:
    with pytest.raises(RoleError) as caught:
        require(Role.VIEWER, Permission.CYPHER)

    assert caught.value.facts == {
        "role": "viewer",
        "permission": "cypher",
        "roles": "analyst, admin",
    }
    assert caught.value.http_status == 403


def test_a_granted_permission_passes_in_silence() -> None:
    require(Role.ANALYST, Permission.CYPHER)
