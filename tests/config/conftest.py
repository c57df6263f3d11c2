"""A small configuration to change, and files of secrets in every state."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml

from exporter.config.load import Config, ConfigError, load, parse
from exporter.sources.vendors import SOURCES

TYPES = {name: kind.settings for name, kind in SOURCES.items()}

Parse = Callable[..., Config]
Problems = Callable[[Path | str], list[str]]


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """A directory with good and bad files of secrets and certificates."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "good").write_text("from-a-file\n")
    (folder / "empty").write_text("")
    (folder / "newline").write_text("\n")
    (folder / "latin1").write_bytes("pässword".encode("latin-1"))
    (folder / "folder").mkdir()
    (folder / "loop").symlink_to(folder / "loop")
    trustme.CA().cert_pem.write_to_path(folder / "ca.pem")
    return folder


@pytest.fixture
def environment(secrets: Path) -> dict[str, str]:
    return {"SECRETS": str(secrets), "EMPTY": "", "SECRET": "from-the-environment"}


@pytest.fixture
def parse_text(environment: dict[str, str]) -> Parse:
    """Read the text of a configuration."""

    def parsed(text: str, **variables: str) -> Config:
        return parse(text, TYPES, {**environment, **variables}, origin="test")

    return parsed


@pytest.fixture
def com(parse_text: Parse) -> Parse:
    """Read a configuration with one COM source; settings replace its own, None takes one out."""

    def parsed(**settings: Any) -> Config:
        entry = {
            "name": "emea",
            "type": "com",
            "region": "eu-central",
            "client_id": "id",
            "client_secret": "${SECRET}",
            **settings,
        }
        return parse_text(_one_source(entry))

    return parsed


@pytest.fixture
def ome(parse_text: Parse) -> Parse:
    """Read a configuration with one OME source; settings replace its own, None takes one out."""

    def parsed(**settings: Any) -> Config:
        entry = {
            "name": "fra",
            "type": "ome",
            "url": "https://ome.example.net",
            "username": "reader",
            "password": "${SECRET}",
            **settings,
        }
        return parse_text(_one_source(entry))

    return parsed


@pytest.fixture
def problems(environment: dict[str, str]) -> Problems:
    """Name what is wrong with a file or a text; a good one fails the test."""

    def found(what: Path | str) -> list[str]:
        try:
            if isinstance(what, Path):
                load(what, TYPES, environment)
            else:
                parse(what, TYPES, environment, origin="test")
        except ConfigError as error:
            return error.problems
        pytest.fail("the configuration is accepted", pytrace=False)

    return found


def _one_source(entry: dict[str, Any]) -> str:
    kept = {key: value for key, value in entry.items() if value is not None}
    return yaml.safe_dump({"sources": [kept]})
