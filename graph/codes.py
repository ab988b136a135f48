"""The codes that rows, nodes and rules share; here, so that who needs only them loads nothing."""

ACCOUNT_KINDS = ("member", "visitor", "card", "community", "call", "partner", "other")
IDENTIFIER_KINDS = (
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
)
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
