"""The configuration is complete, strict and closed."""

import pytest

from graph.server.config import (
    SETTINGS,
    as_file,
    container_settings,
    embedded_settings,
    environment_name,
    in_megabytes,
    memory_settings,
)
from graph.settings import Settings, read_settings


@pytest.fixture
def settings() -> Settings:
    return read_settings(heap="2g", page_cache="1g")


def test_the_embedded_server_listens_on_loopback_alone(settings: Settings) -> None:
    configured = embedded_settings(settings, port=17700, http_port=17701)

    addresses = {name: value for name, value in configured.items() if name.endswith("_address")}
    assert addresses == {
        "server.default_listen_address": "127.0.0.1",
        "server.bolt.listen_address": "127.0.0.1:17700",
        "server.bolt.advertised_address": "127.0.0.1:17700",
        "server.http.listen_address": "127.0.0.1:17701",
        "server.http.advertised_address": "127.0.0.1:17701",
    }


def test_no_web_server_runs_unless_browser_is_asked_for(settings: Settings) -> None:
    plain = embedded_settings(settings, port=17700, http_port=None)
    browser = embedded_settings(settings, port=17700, http_port=17701)

    assert plain["server.http.enabled"] == "false"
    assert browser["server.http.enabled"] == "true"
    assert plain["server.https.enabled"] == browser["server.https.enabled"] == "false"


def test_load_csv_is_closed_and_nothing_is_reported_home() -> None:
    closed = {
        "dbms.security.allow_csv_import_from_file_urls": "false",
        "internal.dbms.cypher_ip_blocklist": "0.0.0.0/0,::/0",
        "dbms.usage_report.enabled": "false",
    }

    configured = {name: SETTINGS[name] for name in closed}

    assert configured == closed


@pytest.mark.parametrize(
    ("heap", "together", "one"),
    [("2g", "1024m", "512m"), ("512m", "256m", "128m"), ("4g", "2048m", "1024m")],
)
def test_transactions_get_half_the_heap_and_one_a_quarter(
    heap: str, together: str, one: str
) -> None:
    limits = memory_settings(heap, "1g")

    assert limits["dbms.memory.transaction.total.max"] == together
    assert limits["db.memory.transaction.max"] == one


def test_the_page_cache_is_that_of_the_settings(settings: Settings) -> None:
    configured = embedded_settings(settings, port=17700, http_port=None)

    assert configured["server.memory.pagecache.size"] == "1g"


def test_the_heap_is_not_in_the_file_because_the_server_would_not_read_it(
    settings: Settings,
) -> None:
    configured = embedded_settings(settings, port=17700, http_port=None)

    assert not [name for name in configured if "heap" in name]


def test_a_container_reads_its_heap_from_the_configuration() -> None:
    configured = container_settings()

    assert configured["server.memory.heap.initial_size"] == "2g"
    assert configured["server.memory.heap.max_size"] == "2g"


def test_the_file_has_one_setting_a_line_and_no_trailing_comment() -> None:
    text = as_file({"db.a": "1s", "db.b": "2 days 1G"})

    comment, *lines = text.splitlines()
    assert comment.startswith("#")
    assert lines == ["db.a=1s", "db.b=2 days 1G"]
    assert text.endswith("\n")


def test_a_backslash_survives_the_file_format() -> None:
    text = as_file({"db.a": "C:\\kith"})

    assert "db.a=C:\\\\kith" in text.splitlines()


def test_the_file_fits_the_encoding_in_which_the_server_reads_it(settings: Settings) -> None:
    text = as_file(embedded_settings(settings, port=17700, http_port=None))

    assert text.encode("iso-8859-1").decode("iso-8859-1") == text


@pytest.mark.parametrize(
    ("setting", "variable"),
    [
        ("server.http.enabled", "NEO4J_server_http_enabled"),
        ("dbms.usage_report.enabled", "NEO4J_dbms_usage__report_enabled"),
        ("server.memory.heap.max_size", "NEO4J_server_memory_heap_max__size"),
    ],
)
def test_a_setting_has_the_name_that_the_official_image_reads(setting: str, variable: str) -> None:
    name = environment_name(setting)

    assert name == variable


@pytest.mark.parametrize(("size", "megabytes"), [("1g", 1024), ("96m", 96), ("12g", 12288)])
def test_sizes_are_read_in_megabytes(size: str, megabytes: int) -> None:
    found = in_megabytes(size)

    assert found == megabytes
