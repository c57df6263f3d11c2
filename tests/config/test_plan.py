"""What a new configuration means for the sources of the old one."""

from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml

from exporter.config.load import Config, parse
from exporter.config.plan import Changes, changes, needing_restart
from exporter.sources.vendors import SOURCES

TYPES = {name: kind.settings for name, kind in SOURCES.items()}
WORKSPACE = "0123456789abcdef" * 2
COM = {
    "name": "emea",
    "type": "com",
    "region": "eu-central",
    "workspace_id": WORKSPACE,
    "client_id": "client",
    "client_secret": "one",
}
OME = {
    "name": "frankfurt",
    "type": "ome",
    "url": "https://ome.example.net",
    "username": "svc",
    "password": "one",
}


def config(*entries: dict[str, Any], **top: Any) -> Config:
    text = yaml.safe_dump({"sources": list(entries), **top})
    return parse(text, TYPES, {}, origin="test")


def compared(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> Changes:
    return changes(config(*before).sources, config(*after).sources)


def test_the_same_configuration_changes_nothing() -> None:
    assert compared([COM, OME], [COM, OME]) == Changes(unchanged=("emea", "frankfurt"))


def test_another_order_changes_nothing() -> None:
    assert compared([COM, OME], [OME, COM]) == Changes(unchanged=("frankfurt", "emea"))


def test_sources_come_and_go() -> None:
    assert compared([COM], [OME]) == Changes(added=("frankfurt",), removed=("emea",))


def test_another_name_is_another_source() -> None:
    renamed = {**COM, "name": "europe"}

    assert compared([COM], [renamed]) == Changes(added=("europe",), removed=("emea",))


@pytest.mark.parametrize(
    "setting",
    [
        {"client_secret": "two"},
        {"client_id": "other"},
        {"collectors": {"energy": {"interval": "5m"}}},
        {"collectors": {"energy": {"enabled": False}}},
        {"http": {"concurrency": 5}},
        {"http": {"insecure_skip_verify": True}},
        {"token_url": "https://sso.example.net/token"},
        {"region": None, "url": "https://eu-central.api.greenlake.hpe.com"},
    ],
)
def test_any_setting_changes_a_source_that_keeps_its_data(setting: dict[str, Any]) -> None:
    assert compared([COM, OME], [{**COM, **setting}, OME]) == Changes(
        changed=("emea",), unchanged=("frankfurt",)
    )


@pytest.mark.parametrize(
    ("before", "setting"),
    [
        (COM, {"region": "us-west"}),
        (COM, {"workspace_id": "f" * 32}),
        (COM, {"tenant_acid": "a" * 32}),
        ({**COM, "workspace_id": None}, {"client_id": "other"}),
        (OME, {"url": "https://ome2.example.net"}),
        ({**OME, "name": "emea"}, COM),
    ],
)
def test_another_api_under_the_same_name_lets_the_data_go(
    before: dict[str, Any], setting: dict[str, Any]
) -> None:
    assert compared([before], [{**before, **setting} if setting is not COM else COM]) == Changes(
        moved=(before["name"],)
    )


def test_every_source_is_in_exactly_one_place() -> None:
    before = [COM, OME, {**OME, "name": "paris"}, {**OME, "name": "rome"}]
    after = [
        {**OME, "name": "oslo"},
        {**COM, "client_id": "other"},
        {**OME, "name": "paris", "url": "https://ome.paris.example.net"},
        OME,
    ]

    assert compared(before, after) == Changes(
        added=("oslo",),
        removed=("rome",),
        changed=("emea",),
        moved=("paris",),
        unchanged=("frankfurt",),
    )


def test_the_path_of_a_secret_counts_and_its_content_does_not(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text("secret")
    other.write_text("secret")
    entry = {**OME, "password": None, "password_file": str(one)}
    before = config(entry).sources

    one.write_text("rotated")

    assert changes(before, config(entry).sources).unchanged == ("frankfurt",)
    moved = {**entry, "password_file": str(other)}
    assert changes(before, config(moved).sources).changed == ("frankfurt",)


def test_a_ca_file_with_another_certificate_is_a_change(tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(path))
    entry = {**OME, "http": {"ca_file": str(path)}}
    before = config(entry).sources
    assert changes(before, config(entry).sources).unchanged == ("frankfurt",)

    trustme.CA().cert_pem.write_to_path(str(path))

    assert changes(before, config(entry).sources).changed == ("frankfurt",)


def test_what_is_set_beside_the_sources_needs_a_restart() -> None:
    before = config(COM)

    assert needing_restart(before, config(COM, OME)) == ()
    assert needing_restart(before, config(COM, listen=":1")) == ("listen",)


def test_a_plan_shows_no_secret() -> None:
    entry = {**COM, "client_secret": "planted"}

    assert "planted" not in repr(config(entry).sources)
