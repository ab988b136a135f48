"""What the tests of loading use: a shop with files and a home, and no database."""

from pathlib import Path

import pytest

from tests.loading import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """Return a shop without files, with a home of a known secret."""
    return Shop(tmp_path)
