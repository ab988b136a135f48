"""Every rate of the identity company in one place, and three named sets of them.

Most rates of what goes wrong are assumptions, so they are there to be varied: ``scaled``
multiplies all hazards at once. What a person shares or mistypes is a hazard; who is in which
system and which cells are filled is not.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType

from loaders.demo.profile import CLOSES, DAY

YEARS = 3
OPENS = CLOSES - YEARS * 365 * DAY  # the files cover three years
SCALPER_ACCOUNTS = (20, 300)
KIOSK_PEOPLE = (50, 2000)
RECYCLING_GAP = 90 * DAY  # operators keep a number off the market for so long

# scaled by the presets; everything else describes the company, not its dirt
HAZARDS = (
    *("family_phone", "couple_mail", "shared_device", "shared_browser", "recycled_phone"),
    *("till_slips", "call_slips", "name_differs", "wrong_birth_date", "several_accounts"),
    *("default_accounts", "default_mails", "default_tills", "default_devices", "clerk_tills"),
    *("kiosks", "scalpers"),
)
# the top of the published range, where three times the default would leave it
HIGHEST: Mapping[str, float] = MappingProxyType(
    {"name_differs": 0.18, "wrong_birth_date": 0.05, "till_slips": 0.05, "call_slips": 0.05}
)


@dataclass(frozen=True)
class Rates:
    """Rates of one identity company; shares are of persons unless said otherwise."""

    # who is where
    household_sizes: tuple[float, ...] = (0.25, 0.30, 0.21, 0.13, 0.11)  # census, rounded; 1 to 5+
    registered: float = 0.70  # have a CRM or e-commerce account
    registered_in: tuple[float, float, float] = (0.30, 0.25, 0.45)  # CRM alone, shop alone, both
    several_accounts: float = 0.05  # have two to four accounts in CRM or shop
    carded: float = 0.75  # have cards of the tills
    cards: tuple[float, ...] = (0.70, 0.25, 0.05)  # of those: one, two, three
    calls: float = 0.70  # a person, on average: most none, some many
    second_cookie: float = 0.10
    logged_in: float = 0.35  # of web visitors
    in_app: float = 0.60
    app_members: float = 0.50  # of app users: the others never say who they are
    in_community: float = 0.20
    in_partner: float = 0.30
    partner_kinds: tuple[float, float, float] = (0.60, 0.15, 0.25)  # phone, mail, cookie

    # what the systems know of them; shares are of the system's records
    crm_phone: float = 0.80
    crm_mail: float = 0.30
    crm_birth_date: float = 0.80
    shop_phone: float = 0.75
    shop_mail: float = 0.35
    shop_birth_date: float = 0.60
    till_phone: float = 0.55
    till_member: float = 0.25  # of cards of a CRM member: the number was read off the CRM's card
    call_phone: float = 0.70
    app_phone: float = 0.35  # of app members
    community_phone: float = 0.25
    community_mail: float = 0.15
    shop_open_id: float = 0.60
    app_open_id: float = 0.70
    community_open_id: float = 0.95
    wechat: float = 0.20  # in CRM, shop, app and community: the union id behind the open ids
    partner_cookie_known: float = 0.60  # of partner's cookies: the web shop's own
    till_name: float = 0.40
    call_name: float = 0.60
    app_name: float = 0.30
    crm_address: float = 0.60
    shop_address: float = 0.85
    traditional: float = 0.03  # of names in shop, till and app
    pinyin: float = 0.05  # of names in shop, till and app
    updates_phone: float = 0.50  # of accounts whose owner changed the number
    ordered_again: float = 0.50  # of registered accounts: two orders, the others one

    # what they share
    family_phone: float = 0.06  # of members: uses the head's number
    couple_mail: float = 0.05  # of couples
    shared_device: float = 0.15  # of other members: uses the head's
    shared_browser: float = 0.10  # of other members: uses the head's
    second_phone: float = 0.35  # carry two numbers
    gives_second: float = 0.40  # of their records: the second one
    recycled_phone: float = 0.03  # gave up a number that another one took over

    # what goes wrong
    till_slips: float = 0.015  # of typed numbers
    call_slips: float = 0.03  # of typed numbers
    slips_that_hit: float = 0.15  # of slips: somebody else's number
    name_differs: float = 0.12  # between two records
    wrong_birth_date: float = 0.03  # of birth dates
    default_accounts: float = 0.002  # of accounts in CRM and shop: 13800000000 and the like
    default_mails: float = 0.003  # of mails
    default_tills: float = 0.01  # of till cards
    default_devices: float = 0.002  # of app users: a device number of zeros
    clerk_tills: float = 0.008  # of till cards: the shop's own number
    customers_per_store: int = 500
    kiosks: float = 0.00005  # a customer
    kiosk_visitors: float = 0.30  # of people at a kiosk: looked around before they logged in
    scalpers: float = 0.0005
    scalper_wechat: float = 0.98  # of a scalper's accounts: opened through the one WeChat
    accounts_per_sim: int = 2  # of a scalper

    def scaled(self, factor: float) -> "Rates":
        """Return these rates with every hazard ``factor`` times as likely, up to its top."""
        values = asdict(self)
        return replace(self, **{h: min(values[h] * factor, HIGHEST.get(h, 1.0)) for h in HAZARDS})


DEFAULT = Rates()
PRESETS: Mapping[str, Rates] = MappingProxyType(
    {
        "default": DEFAULT,
        "mild": DEFAULT.scaled(0.3),
        "stress": replace(DEFAULT.scaled(3.0), couple_mail=0.27),
    }
)
