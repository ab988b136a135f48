"""How the retail company's people behave: every rate in one place.

The rates of identity (households, shared numbers, slips, defaults) are those published for
such data, or assumptions to be varied; the shopping rates are chosen so that a customer has
about 1.5 accounts, 2.5 identifiers, 3 orders and 10 order lines.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

DAY = 86_400
FIRST_DAY = 19_905  # 2024-07-01, in days since 1970
LAST_DAY = 20_634  # 2026-06-30: fixed, so that a score does not depend on when the files were made
OPENS, CLOSES = FIRST_DAY * DAY, (LAST_DAY + 1) * DAY


@dataclass(frozen=True)
class Profile:
    """Rates of a retail company; shares are of persons unless said otherwise."""

    # who is where
    household_sizes: tuple[float, ...] = (0.25, 0.30, 0.21, 0.13, 0.11)  # census, rounded; 1 to 5+
    joined: Mapping[str, float] = field(
        default_factory=lambda: MappingProxyType(
            {
                "crm": 0.36,
                "erp": 0.30,
                "pos": 0.19,
                "web": 0.19,
                "call": 0.03,
                "community": 0.07,
                "partner": 0.06,
            }
        )
    )
    # where somebody is met who fell through all of the above
    only: Mapping[str, float] = field(
        default_factory=lambda: MappingProxyType({"crm": 32, "erp": 28, "pos": 22, "web": 18})
    )
    registered_again: float = 0.05  # opened 1 to 3 more accounts in CRM or shop

    # what they share, and what goes wrong
    family_phone: float = 0.06  # of members: uses the head's number
    couple_mail: float = 0.05  # of couples
    recycled_phone: float = 0.03  # a number that had another owner before
    shared_device: float = 0.15  # of other members
    shared_browser: float = 0.10  # of other members
    till_slips: float = 0.015  # of typed numbers
    call_slips: float = 0.03  # of typed numbers
    slips_that_hit: float = 0.15  # of slips: somebody else's number
    default_accounts: float = 0.002  # of CRM accounts: 13800000000 and the like
    default_mails: float = 0.003  # of mails
    default_receipts: float = 0.01  # of till receipts
    clerk_receipts: float = 0.008  # of till receipts: the shop's own number
    name_differs: float = 0.12  # between two systems
    wrong_birth_date: float = 0.03  # of birth dates
    kiosk_per: int = 20_000  # customers to one kiosk's cookie
    logged_in: float = 0.35  # of web visitors

    # how they shop
    orders_per_customer: float = 3.0
    lines_per_order: float = 3.35
    guest_receipts: float = 0.12  # of till receipts
    price_sensitive: float = 0.20
    resellers: float = 0.0005
    cancelled: float = 0.04  # of online orders
    refunded: float = 0.02  # of online orders
    returned: float = 0.01  # of till lines
    doubled_rows: float = 0.001  # of exported rows: written twice


RETAIL = Profile()
