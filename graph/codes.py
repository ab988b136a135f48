"""The codes that rows, nodes and rules share; here, so that who needs only them loads nothing."""

from typing import Literal, get_args

AccountKind = Literal["member", "visitor", "card", "community", "call", "partner", "other"]
IdentifierKind = Literal[
    "phone",
    "email",
    "cookie",
    "device",
    "open_id",
    "union_id",
    "member_no",
    "card_no",
    "national_id",
    "address",
]
ACCOUNT_KINDS: tuple[str, ...] = get_args(AccountKind)
IDENTIFIER_KINDS: tuple[str, ...] = get_args(IdentifierKind)
STATES = ("linking", "shared", "blocked")
EVENT_KINDS = (
    "viewed",
    "searched",
    "favourited",
    "unfavourited",
    "carted",
    "shared",
    "liked",
    "rated",
    "logged_in",
    "left_page",
    "used_app",
    "attended",
    "clicked",
)
