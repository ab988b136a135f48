"""Who may do what: the one table that the routes, the keys and the tests read.

The database knows no roles, so the API is the only place that can tell people apart. What
is not granted here is refused; a route names one permission and never a role.
"""

from collections.abc import Mapping
from enum import StrEnum

from graph.errors import ForbiddenError
from graph.language import Text


class Permission(StrEnum):
    """One thing that a role may be allowed to do."""

    CATALOGUE = "catalogue"
    RUNS = "runs"
    SCHEMA = "schema"
    AGGREGATES = "aggregates"
    LEADERS = "leaders"
    CIRCLES = "circles"
    NETWORK = "network"
    SEEDS = "seeds"
    SEGMENTS = "segments"
    CUSTOMERS = "customers"
    IDENTITY = "identity"
    STEWARD = "steward"
    CYPHER = "cypher"
    LOOK_UP = "look-up"
    AUDIT = "audit"
    KEYS = "keys"


class Role(StrEnum):
    """A group of people or programs."""

    VIEWER = "viewer"
    COMMUNITY = "community"
    MARKETER = "marketer"
    ANALYST = "analyst"
    PRIVACY = "privacy"
    ADMIN = "admin"


_VIEWER = frozenset(
    {Permission.CATALOGUE, Permission.RUNS, Permission.SCHEMA, Permission.AGGREGATES}
)
_COMMUNITY = frozenset(
    {Permission.LEADERS, Permission.CIRCLES, Permission.NETWORK, Permission.SEEDS}
)
_MARKETER = frozenset({Permission.SEGMENTS, Permission.CUSTOMERS})
_PRIVACY = frozenset(
    {Permission.LOOK_UP, Permission.IDENTITY, Permission.STEWARD, Permission.AUDIT}
)

GRANTED: Mapping[Role, frozenset[Permission]] = {
    Role.VIEWER: _VIEWER,
    Role.COMMUNITY: _VIEWER | _COMMUNITY,
    Role.MARKETER: _VIEWER | _MARKETER,
    # a look-up turns a clear phone number into a person: reading everything else is pseudonymous
    Role.ANALYST: _VIEWER | _COMMUNITY | _MARKETER | {Permission.IDENTITY, Permission.CYPHER},
    Role.PRIVACY: _PRIVACY,
    Role.ADMIN: frozenset(Permission),
}


class RoleError(ForbiddenError):
    """The role of the key lacks the permission."""

    text = Text(
        "The role {role} may not do this: it needs the permission {permission}, which these "
        "roles have: {roles}.",
        "角色 {role} 无权执行此操作：需要权限 {permission}，拥有该权限的角色：{roles}。",
    )


def may(role: Role, permission: Permission) -> bool:
    """Tell whether ``role`` has ``permission``."""
    return permission in GRANTED[role]


def require(role: Role, permission: Permission) -> None:
    """Pass where ``role`` has ``permission``.

    Raises
    ------
    RoleError
        If it has not; the message names the roles that have.
    """
    if not may(role, permission):
        having = ", ".join(other.value for other in Role if may(other, permission))
        raise RoleError(role=role.value, permission=permission.value, roles=having)
