"""Servers as targets: addresses, labels, and ready bytes."""

import gzip
import json
from collections.abc import Sequence
from typing import Any

import pytest

from exporter.exposition import targets
from exporter.exposition.targets import Found, Targets, group_of, target_of
from exporter.model import Description, Inventory, Server


def found(*addresses: str, name: str = "emea", models: Sequence[str] = ("DL380", "DL360")) -> Found:
    servers = tuple(Server(f"id-{n}", f"SN{n}", f"host{n}") for n in range(len(addresses)))
    described = {
        f"id-{n}": Description(id=f"id-{n}", bmc_address=address, model=models[n % len(models)])
        for n, address in enumerate(addresses)
    }
    return Found(name, "hpe", Inventory(servers, {}, described))


async def listed(*sources: Found, models: list[str] | None = None) -> list[dict[str, Any]]:
    page = await Targets().page(sources, models)
    plain = page.body(compressed=False)
    assert gzip.decompress(page.body(compressed=True)) == plain
    groups: list[dict[str, Any]] = json.loads(plain)
    return groups


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("10.1.2.3", "10.1.2.3"),
        ("2001:db8::7", "[2001:db8::7]"),
        ("2001:DB8:0:0:0:0:0:7", "[2001:db8::7]"),
        ("ilo-7.example.net", "ilo-7.example.net"),
        ("", ""),
        ("0.0.0.0", ""),  # noqa: S104 - not listened on
        ("::", ""),
        ("127.0.0.1", ""),
        ("169.254.0.3", ""),
        ("fe80::1", ""),
        ("fe80::1%eth0", ""),
        ("224.0.0.1", ""),
        ("10.1.2.300", ""),
        ("10.1.2.3/24", ""),
        ("ilo 7", ""),
        ("http://ilo-7", ""),
        ("-ilo", ""),
    ],
)
def test_an_address_becomes_a_target_or_none(address: str, target: str) -> None:
    assert target_of(address) == target


def test_a_group_names_the_server_and_leaves_out_what_is_not_known() -> None:
    description = Description(id="7", model="DL380", bmc_address="2001:db8::7", bmc_model="iLO 6")

    assert group_of("emea", "hpe", Server("7", "SN7", "db-07"), description) == {
        "targets": ["[2001:db8::7]"],
        "labels": {
            "__meta_serverfleet_source": "emea",
            "__meta_serverfleet_vendor": "hpe",
            "__meta_serverfleet_serial": "SN7",
            "__meta_serverfleet_server": "db-07",
            "__meta_serverfleet_bmc_address": "2001:db8::7",
            "__meta_serverfleet_id": "7",
            "__meta_serverfleet_model": "DL380",
            "__meta_serverfleet_bmc_model": "iLO 6",
            "__meta_serverfleet_device_type": "server",
        },
    }


async def test_every_server_with_an_address_is_listed_once() -> None:
    groups = await listed(found("10.0.0.1", "", "10.0.0.3"), found("10.1.0.1", name="apac"))

    assert sorted(group["targets"][0] for group in groups) == ["10.0.0.1", "10.0.0.3", "10.1.0.1"]


async def test_nothing_to_list_is_an_empty_list() -> None:
    assert await listed() == []
    assert await listed(found("", "")) == []
    assert await listed(found("", ""), found("10.0.0.1", name="apac")) != []


async def test_models_narrow_it() -> None:
    groups = await listed(found("10.0.0.1", "10.0.0.2", "10.0.0.3"), models=["DL360"])

    assert [group["targets"] for group in groups] == [["10.0.0.2"]]
    assert await listed(found("10.0.0.1"), models=["R750"]) == []


async def test_it_is_written_anew_only_when_identities_change(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written: list[str] = []

    def counted(source: str, vendor: str, server: Server, description: Description) -> Any:
        written.append(server.serial)
        return group_of(source, vendor, server, description)

    monkeypatch.setattr(targets, "group_of", counted)
    kept = Targets()
    first = await kept.page([found("10.0.0.1", "10.0.0.2")], None)
    again = await kept.page([found("10.0.0.1", "10.0.0.2")], None)
    assert written == ["SN0", "SN1"]
    assert again.tag == first.tag

    moved = await kept.page([found("10.0.0.1", "10.0.0.9")], None)
    assert written == ["SN0", "SN1", "SN0", "SN1"]
    assert moved.tag != first.tag


async def test_a_source_that_is_gone_is_let_go() -> None:
    kept = Targets()
    await kept.page([found("10.0.0.1")], None)

    kept.keep(["apac"])

    assert kept._listed == {}
