"""The ground truth for identity resolution: a company of hard cases, with all its rates known.

About five records and eight identifiers on them a customer: homes share phones, mailboxes,
devices and browsers; numbers get new owners; clerks type what is nobody's; kiosks and
scalpers tie strangers together or hide one person behind hundreds of accounts.
"""

from loaders.demo.identity.making import Identity
from loaders.demo.identity.rates import DEFAULT, PRESETS, Rates

__all__ = ["DEFAULT", "PRESETS", "Identity", "Rates"]
