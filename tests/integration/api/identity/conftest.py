"""A shop whose accounts are resolved, with a record of its stewards' decisions."""

from collections.abc import Iterator

import pytest

from graph.session import Database
from graph.settings import Settings
from tests.steward_shop import StewardShop, steward_shop


@pytest.fixture
def shop(database: Database, server_home: Settings) -> Iterator[StewardShop]:
    with steward_shop(database, server_home) as opened:
        yield opened
