"""Everything of the database lies under one home, and only its owner may look."""

from pathlib import Path

import pytest

from graph.server.paths import VERSION, Paths, make_folders, paths_of
from graph.settings import read_settings


def test_everything_lies_under_the_home(tmp_path: Path) -> None:
    paths = paths_of(read_settings(home=tmp_path / "home"))

    places = [
        paths.jars,
        paths.browser_jars,
        paths.conf_file,
        paths.password_file,
        paths.port_file,
        paths.record_file,
        paths.console_log,
        paths.import_log,
        paths.lock_file,
        *paths.stores,
    ]
    assert [place for place in places if not place.is_relative_to(tmp_path / "home")] == []
    assert len(set(places)) == len(places)


def test_each_version_of_the_server_has_a_folder_of_its_own(tmp_path: Path) -> None:
    paths = Paths(tmp_path)

    assert paths.jars == tmp_path / "server" / VERSION / "lib"


def test_a_home_may_be_written_with_a_tilde(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/shop")

    paths = paths_of(read_settings(home="~/graph"))

    assert paths.home == Path("/home/shop/graph")


def test_a_relative_home_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    paths = paths_of(read_settings(home="here"))

    assert paths.home == tmp_path / "here"


def test_the_folders_are_their_owners_alone(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "home")

    make_folders(paths)

    folders = [paths.home, paths.database, *paths.database.iterdir()]
    assert {folder.stat().st_mode & 0o777 for folder in folders} == {0o700}


def test_making_the_folders_again_keeps_what_is_in_them(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "home")
    make_folders(paths)
    paths.conf_file.write_text("kept")

    make_folders(paths)

    assert paths.conf_file.read_text() == "kept"


def test_a_database_is_initialised_once_it_knows_its_users(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "home")
    make_folders(paths)
    before = paths.is_initialised

    (paths.database / "data" / "databases" / "system").mkdir(parents=True)

    assert (before, paths.is_initialised) == (False, True)
