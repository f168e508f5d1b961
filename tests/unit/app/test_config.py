"""Settings: every one has a default that works, and a bad one is named."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.config import Config, ConfigError, _write_secret, setting_names, variable

REFERENCE = Path(__file__).parents[3] / "docs" / "configuration.md"


def config(tmp_path, **settings):
    return Config.from_env({"FOYER_DATA_DIR": str(tmp_path), **settings})


def test_it_works_with_defaults_alone(tmp_path):
    assert config(tmp_path).database_url == f"sqlite:///{tmp_path}/foyer.db"


def test_it_keeps_the_secret_it_made(tmp_path):
    assert config(tmp_path).secret_key == config(tmp_path).secret_key


def test_it_keeps_the_secret_from_other_users(tmp_path):
    config(tmp_path)
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_it_leaves_nothing_beside_the_secret(tmp_path):
    config(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


@pytest.mark.parametrize("content", [b"", b" \n", b"\xff"])
def test_it_names_a_secret_that_cannot_be_used(tmp_path, content):
    (tmp_path / "secret_key").write_bytes(content)
    with pytest.raises(ConfigError, match="secret_key"):
        config(tmp_path)


def test_it_keeps_a_secret_that_another_process_wrote_first(tmp_path):
    path = tmp_path / "secret_key"
    path.write_text("first")
    _write_secret(path)
    assert (path.read_text(), len(list(tmp_path.iterdir()))) == ("first", 1)


def test_it_names_a_data_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="secret_key"):
        config(tmp_path / "file")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FOYER_WEB_THREADS", "many"),
        ("FOYER_WEB_WORKERS", "0"),
        ("FOYER_BASE_URL", "learn.example.com"),
        ("FOYER_TIME_ZONE", "Middle/Earth"),
        ("FOYER_SEARCH_ENGINE", "grep"),
        ("FOYER_DEMO", "perhaps"),
    ],
)
def test_it_names_a_setting_that_cannot_be_used(tmp_path, name, value):
    with pytest.raises(ConfigError, match=name):
        config(tmp_path, **{name: value})


def test_it_names_a_setting_that_does_not_exist(tmp_path):
    with pytest.raises(ConfigError, match="FOYER_DEMOO"):
        config(tmp_path, FOYER_DEMOO="1")


def test_it_hides_sample_people_unless_asked(tmp_path):
    assert config(tmp_path).demo is False


def test_it_asks_for_secure_cookies_only_over_https(tmp_path):
    plain = config(tmp_path)
    assert (plain.https, replace(plain, base_url="https://learn.example.com").https) == (
        False,
        True,
    )


@pytest.mark.parametrize("name", setting_names())
def test_it_explains_each_setting_in_the_reference(name):
    assert f"`{variable(name)}`" in REFERENCE.read_text()


def test_it_explains_no_setting_that_is_gone():
    known = {variable(name) for name in setting_names()}
    lines = REFERENCE.read_text().splitlines()
    listed = {line.split("`")[1] for line in lines if line.startswith("| `FOYER_")}
    assert listed == known
