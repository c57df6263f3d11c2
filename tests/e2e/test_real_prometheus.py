"""The real programs take what the exporter serves."""

import asyncio
import json
import socket
import subprocess
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from exporter.web.protection import Protected
from exporter.web.server import Door
from tests.e2e.rig import Rig, samples
from tests.support.protection import Authority, hashed

pytestmark = pytest.mark.tool(prometheus="prometheus", promtool="prometheus")
PATIENCE = 240.0


async def test_promtool_has_no_complaint(rig: Rig) -> None:
    exporter = rig.exporter()
    assert await exporter.scheduler.run_all_once()

    checked = await asyncio.to_thread(
        subprocess.run,
        ["promtool", "check", "metrics"],
        input=exporter.exposition(),
        capture_output=True,
        check=False,
    )

    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")


async def test_prometheus_takes_every_series_of_a_scrape(rig: Rig, tmp_path: Path) -> None:
    exporter = rig.exporter()
    assert await exporter.scheduler.run_all_once()
    async with exporter.serving("127.0.0.1", 0) as port, prometheus(tmp_path, port) as base:
        up = await answered(base, 'up{job="serverfleet"} == 1')
        assert up, "Prometheus cannot scrape the exporter"
        served = samples(exporter.exposition())
        for name in ("serverfleet_server_health", "serverfleet_server_energy_joules_total"):
            [counted] = await answered(base, f"count({name})")
            assert int(counted["value"][1]) == len(served[name])
        [scraped] = await answered(base, "scrape_samples_scraped")
        assert int(scraped["value"][1]) >= sum(map(len, served.values())) - 50
        assert await asyncio.to_thread(
            fetched, f"{base}/api/v1/targets?state=active", "lastError"
        ) == [""]


async def test_prometheus_scrapes_with_tls_a_certificate_of_its_own_and_a_password(
    rig: Rig, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    tls = {
        **authority.pair(),
        "client_auth_type": "RequireAndVerifyClientCert",
        "client_ca_file": authority.ca_file.name,
        "client_allowed_sans": ["prometheus.example.net"],
    }
    web = authority.config(tls_server_config=tls, basic_auth_users={"prometheus": hashed("right")})
    authority.pair("prometheus", "prometheus.example.net")
    (tmp_path / "password").write_text("right")
    scraping = (
        "    scheme: https\n"
        f"    basic_auth: {{username: prometheus, password_file: {tmp_path}/password}}\n"
        f"    tls_config: {{ca_file: {authority.ca_file}, "
        f"cert_file: {tmp_path}/prometheus.crt, key_file: {tmp_path}/prometheus.key}}\n"
    )
    exporter = rig.exporter()
    async with (
        exporter.serving("127.0.0.1", 0, Door(protected=Protected(web))) as port,
        prometheus(tmp_path, port, scraping) as base,
    ):
        assert await answered(base, 'up{job="serverfleet"} == 1')
        authority.config(tls_server_config=tls, basic_auth_users={"prometheus": hashed("other")})
        assert await answered(base, 'up{job="serverfleet"} == 0')
        errors = await asyncio.to_thread(
            fetched, f"{base}/api/v1/targets?state=active", "lastError"
        )

    assert errors == ["server returned HTTP status 401 Unauthorized"]


@asynccontextmanager
async def prometheus(folder: Path, target: int, scraping: str = "") -> AsyncIterator[str]:
    """Run Prometheus against one target; gives its base address.

    Args:
        folder: For its configuration and data.
        target: The port on this machine.
        scraping: More settings of the scrape job, as indented lines.
    """
    (folder / "prometheus.yml").write_text(
        "global: {scrape_interval: 1s}\n"
        "scrape_configs:\n"
        "  - job_name: serverfleet\n"
        f"    static_configs: [{{targets: ['127.0.0.1:{target}']}}]\n" + scraping
    )
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        "prometheus",
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/data",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=error",
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def answered(base: str, query: str) -> list[dict[str, Any]]:
    """Ask until there is a result, or patience ends."""
    address = f"{base}/api/v1/query?query={urllib.request.quote(query)}"  # type: ignore[attr-defined]
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while asyncio.get_running_loop().time() < deadline:
        try:
            body = await asyncio.to_thread(read, address)
        except OSError:
            body = b""
        result: list[dict[str, Any]] = json.loads(body)["data"]["result"] if body else []
        if result:
            return result
        await asyncio.sleep(0.2)
    return []


def fetched(address: str, key: str) -> list[str]:
    targets = json.loads(read(address))["data"]["activeTargets"]
    return [target[key] for target in targets]


def read(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=PATIENCE) as answer:  # noqa: S310 - our own address
        body: bytes = answer.read()
    return body
