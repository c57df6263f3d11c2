"""`check --probe`: what works, and why the rest does not."""

import yaml

from exporter.sources.types import SOURCES
from tests.commands.conftest import Fleet
from tests.commands.program import run_beside


async def test_a_table_shows_every_collector_that_works(fleet: Fleet) -> None:
    done = await run_beside("check", "--probe", "--config", fleet.config())

    assert done.code == 0
    assert "the configuration is valid, 2 source(s)" in done.out
    rows = _rows(done.out)
    assert {(row[0], row[1]) for row in rows} == {
        (f"{kind}-demo", name) for kind in SOURCES for name in SOURCES[kind].collectors
    }
    assert {row[2] for row in rows} == {"ok"}
    assert {"1m", "5m", "1h"} <= {row[7] for row in rows}
    assert all(int(row[5]) > 0 for row in rows)
    assert "com-demo: " in done.out
    assert "requests an hour (no limit is set)" in done.out
    assert fleet.simulation.open_sessions == 0


async def test_a_refused_login_ends_it_with_1_and_is_named_with_its_reason(fleet: Fleet) -> None:
    config, secrets = fleet.config(), fleet.secrets
    fleet.simulation.rotate_ome_password("another")

    done = await run_beside("check", "--probe", "--config", config)

    assert done.code == 1
    results = {(row[0], row[1]): row[2] for row in _rows(done.out)}
    assert results["com-demo", "servers"] == "ok"
    assert results["ome-demo", "devices"] == "failed: auth"
    assert results["ome-demo", "power"] == "not tried: the inventory failed"
    assert "\nome-demo/devices: auth: " in done.out
    assert [secret for secret in secrets if secret in done.said] == []
    assert "Traceback" not in done.err


async def test_a_collector_that_fails_ends_it_with_1_and_is_named_with_its_reason(
    fleet: Fleet,
) -> None:
    fleet.simulation.faults.add(kind="html", path="energy-by-entity")

    done = await run_beside("check", "--probe", "--config", fleet.config())

    assert done.code == 1
    results = {(row[0], row[1]): row[2] for row in _rows(done.out)}
    assert results["com-demo", "energy"].startswith("failed: ")
    assert results["com-demo", "alerts"] == "ok"
    assert "\ncom-demo/energy: " in done.out


async def test_an_api_that_is_not_there_ends_it_with_1(fleet: Fleet) -> None:
    done = await run_beside("check", "--probe", "--config", fleet.config(url="http://127.0.0.1:9"))

    assert done.code == 1
    assert "ome-demo/devices: connect: " in done.out
    assert "Traceback" not in done.err


async def test_what_a_vendor_has_changed_is_listed_with_what_to_do(fleet: Fleet) -> None:
    faults = fleet.simulation.faults
    faults.add(kind="renamed_fields", path="v1/servers$", fields=["hardware/powerState"])
    faults.add(kind="unknown_codes", path="Service/Devices$", fields=["Status"])

    done = await run_beside("check", "--probe", "--config", fleet.config())

    assert done.code == 0
    assert "\ncom-demo/servers: hardware.powerState is missing from all " in done.out
    assert "\nome-demo/devices: Status has values that are not known, in " in done.out
    assert " record(s): 7777\n  the API has changed: look for a newer version" in done.out
    assert "`serverfleet-exporter capture`" in done.out


async def test_a_collector_that_does_not_fit_into_its_interval_is_told_with_what_helps(
    fleet: Fleet,
) -> None:
    fleet.simulation.faults.add(kind="delay", path="/Power$", seconds=0.2)
    config = fleet.config(
        type="ome", collectors={"power": {"interval": "500ms"}}, http={"concurrency": 1}
    )
    tree = yaml.safe_load(config.read_text())
    tree["sources"] = [each for each in tree["sources"] if each["name"] == "ome-demo"]
    config.write_text(yaml.safe_dump(tree))

    done = await run_beside("check", "--probe", "--config", config)

    assert done.code == 0
    (line,) = [line for line in done.out.splitlines() if line.startswith("  power: ")]
    assert "longer than its interval of 500ms: raise http.concurrency from 1 to " in line


def _rows(out: str) -> list[list[str]]:
    """Read the body of the table."""
    lines = [line for line in out.splitlines() if line.startswith("│")]
    return [[cell.strip() for cell in line.strip("│").split("│")] for line in lines]
