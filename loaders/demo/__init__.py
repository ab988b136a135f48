"""A seeded company whose truth is known: seven systems' files, and who really owns each account.

The files look like what such systems export and are loaded through their manifest like
anyone's. The truth lies beside them in its own folder, which no manifest names: it is there to
grade identity resolution.
"""

from loaders.demo.files import Formats
from loaders.demo.profile import PROFILES, Profile
from loaders.demo.writing import DemoError, DemoReport, write

__all__ = ["PROFILES", "DemoError", "DemoReport", "Formats", "Profile", "write"]
