"""The real Prometheus discovers the BMCs of the fleet."""

import asyncio
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.programs import free_port, prometheus, until
from tests.e2e.rig import Rig, samples

EXAMPLE = Path(__file__).parents[2] / "prometheus" / "redfish-discovery.example.yml"


def config(port: int) -> dict[str, Any]:
    """Return the example with our address in place of the one that it names, and our sources."""
    text = EXAMPLE.read_text().replace("localhost:10450", f"127.0.0.1:{port}")
    text = text.replace("source=emea", "source=com-demo")
    text = text.replace("source=frankfurt", "source=ome-demo")
    read: dict[str, Any] = yaml.safe_load(text)
    return read


@pytest.mark.tool(promtool="prometheus")
def test_promtool_takes_the_example() -> None:
    done = subprocess.run(  # noqa: S603
        ["promtool", "check", "config", EXAMPLE],  # noqa: S607
        capture_output=True,
        check=False,
        text=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.tool(prometheus="prometheus")
async def test_prometheus_discovers_the_bmc_of_every_server(rig: Rig, tmp_path: Path) -> None:
    exporter = rig.exporter()
    assert await exporter.scheduler.run_all_once()
    infos = [dict(labels) for labels in samples(exporter.exposition())["serverfleet_server_info"]]
    by_serial = {each["serial"]: each for each in infos if each["bmc_address"]}
    assert len(by_serial) < len(infos)

    async with (
        exporter.serving("127.0.0.1", 0) as port,
        prometheus(tmp_path, free_port(), config(port), {}) as running,
    ):

        async def discovered() -> list[dict[str, Any]] | None:
            active = (await running.get("targets?state=active"))["activeTargets"]
            redfish = [each for each in active if each["scrapePool"] == "redfish"]
            ipmi = [each for each in active if each["scrapePool"] == "ipmi"]
            dell = [each for each in by_serial.values() if each["vendor"] == "dell"]
            complete = len(redfish) == len(by_serial) and len(ipmi) == len(dell)
            return redfish if complete else None

        targets = await until(discovered, "every BMC is a target")

    for target in targets:
        labels, info = target["labels"], by_serial[target["labels"]["serial"]]
        assert {name: labels[name] for name in ("source", "vendor", "server")} == {
            name: info[name] for name in ("source", "vendor", "server")
        }
        assert labels["instance"] == info["server"]
        assert target["scrapeUrl"].startswith("http://localhost:9348/metrics?target=")
        assert target["discoveredLabels"]["__meta_serverfleet_bmc_address"] == info["bmc_address"]


@pytest.mark.tool(prometheus="prometheus")
async def test_prometheus_keeps_its_targets_while_a_source_was_never_read(
    rig: Rig, tmp_path: Path
) -> None:
    exporter = rig.exporter()
    assert await exporter.scheduler.run_all_once()
    wanted = config(0)
    own = free_port()
    for job in wanted["scrape_configs"]:
        job["http_sd_configs"] = [
            {"url": f"http://127.0.0.1:{own}/sd?source=ome-demo", "refresh_interval": "1s"}
        ]

    async def count() -> int:
        return len((await running.get("targets?state=active"))["activeTargets"])

    async def refused() -> bool:
        text = await running.own_metrics()
        lines = [line for line in text.splitlines() if "http_failures_total" in line]
        return any(float(line.split()[-1]) > 0 for line in lines if not line.startswith("#"))

    async with prometheus(tmp_path, free_port(), wanted, {}) as running:
        async with exporter.serving("127.0.0.1", own):
            await until(count, "targets are discovered")
            before = await count()
        rig.simulation.faults.add(kind="status", vendor="ome", code=503)
        async with rig.exporter().serving("127.0.0.1", own):
            await until(refused, "Prometheus was refused")
            await asyncio.sleep(0)
            assert await count() == before
