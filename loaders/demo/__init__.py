"""Seeded companies whose truth is known: systems' files, and who really owns each account.

The files look like what such systems export and are loaded through their manifest like
anyone's. The truth lies beside them in its own folder, which no manifest names: it is there to
grade identity resolution.
"""

from loaders.demo.files import Formats
from loaders.demo.making import PROFILES, Demo, Making
from loaders.demo.profile import Profile
from loaders.demo.writing import DemoError, DemoReport, folder_name, write, write_files

__all__ = [
    "PROFILES",
    "Demo",
    "DemoError",
    "DemoReport",
    "Formats",
    "Making",
    "Profile",
    "folder_name",
    "write",
    "write_files",
]
