"""The database in a container is the embedded one: same settings, same version, loopback only."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from graph import server
from graph.server.config import SETTINGS, container_settings, environment_name
from graph.server.paths import VERSION

ROOT = Path(__file__).parents[2]
COMPOSE = (ROOT / "docker-compose.yml").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
_VARIABLE = re.compile(r'^ +(?P<name>(?:NEO4J|KITH)_\w+): "(?P<value>[^"]*)"$', re.MULTILINE)
_POM = "{http://maven.apache.org/POM/4.0.0}"


def variables(prefix: str) -> dict[str, str]:
    found = {match["name"]: match["value"] for match in _VARIABLE.finditer(COMPOSE)}
    return {name: value for name, value in found.items() if name.startswith(prefix)}


def test_the_container_has_exactly_the_settings_of_the_embedded_server() -> None:
    declared = {environment_name(name): value for name, value in container_settings().items()}

    written = variables("NEO4J_")

    assert {name: written[name] for name in written if name != "NEO4J_AUTH"} == declared


@pytest.mark.parametrize("setting", sorted(SETTINGS))
def test_each_shared_setting_has_the_same_value_in_the_container(setting: str) -> None:
    written = variables("NEO4J_")

    assert written[environment_name(setting)] == SETTINGS[setting]


def test_every_variable_of_the_container_was_read() -> None:
    names = re.findall(r"^ +(NEO4J_\w+):", COMPOSE, re.MULTILINE)

    assert sorted(names) == sorted(variables("NEO4J_"))


def test_the_password_has_no_default() -> None:
    uses = re.findall(r"\$\{[^}]*PASSWORD[^}]*\}", COMPOSE)

    assert len(uses) == 2
    assert all(use.startswith("${KITH_NEO4J_PASSWORD:?") for use in uses)


def test_every_port_is_published_on_loopback_alone() -> None:
    published = re.findall(r'^ +- "([^"]*\d+:\d+)"$', COMPOSE, re.MULTILINE)

    assert published == ["127.0.0.1:7687:7687", "127.0.0.1:8000:8000"]


def test_the_image_is_of_the_line_that_maven_fetches() -> None:
    line = VERSION.rpartition(".")[0]

    assert f"image: neo4j:{line}-community\n" in COMPOSE


def test_the_pom_fetches_the_version_whose_folder_it_fills() -> None:
    pom = ET.parse(Path(server.__file__).with_name("pom.xml"))

    dependencies = pom.findall(f".//{_POM}dependency")

    assert [dependency.findtext(f"{_POM}version") for dependency in dependencies] == [VERSION]


def test_the_api_finds_the_database_by_the_name_of_its_service() -> None:
    found = variables("KITH_")

    assert found["KITH_NEO4J_URI"] == "bolt://neo4j:7687"
    assert "\n  neo4j:\n" in COMPOSE


def test_both_services_are_watched() -> None:
    assert COMPOSE.count("healthcheck:") == 2
    assert "condition: service_healthy" in COMPOSE


def test_the_image_installs_the_pinned_versions_as_nobody_in_particular() -> None:
    steps = DOCKERFILE.splitlines()

    assert "RUN pip install --no-cache-dir --constraint constraints.txt --editable ." in steps
    assert steps.index("USER kith") > steps.index("WORKDIR /opt/kith")
    assert not any(step.startswith("USER root") for step in steps)


@pytest.mark.parametrize("package", ["graph", "loaders", "algorithms", "api"])
def test_the_image_holds_every_package(package: str) -> None:
    assert f"COPY {package} {package}" in DOCKERFILE.splitlines()
