"""What the chart starts can be started: our program takes its arguments, files and secrets."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml

from exporter.cli import main
from exporter.simulators import Simulation
from tests.commands.program import fetch, fetch_when, running
from tests.deploy.chart import EXAMPLES, LaidOut, container, example, laid_out, manifests
from tests.support.exposition import values
from tests.support.protection import hashed

pytestmark = pytest.mark.module(helm_python="helm-python-sdk")
CONFIGURED = [name for name in EXAMPLES if "demo" not in name]
WEB = "--web.config.file="


def existing(web: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Return what the examples take for granted: Secrets and ConfigMaps by name."""
    authority = trustme.CA()
    issued = authority.issue_cert("fleet.default.svc")
    certificate = issued.cert_chain_pems[0].bytes().decode()
    key = issued.private_key_pem.bytes().decode()
    return {
        "com": {"client_secret": "a secret", "secret": "a secret"},
        "ome": {"password": "a password"},
        "ome-ca": {"ca.crt": authority.cert_pem.bytes().decode()},
        "proxy": {"url": "http://me:mine@proxy.example.net:3128"},
        "fleet-tls": {"tls.crt": certificate, "tls.key": key},
        "fleet-web": {
            "web-config.yml": yaml.safe_dump(web),
            "server.crt": certificate,
            "server.key": key,
        },
    }


def prepared(
    name: str, folder: Path, monkeypatch: pytest.MonkeyPatch, web: dict[str, Any]
) -> LaidOut:
    """Lay out an example's files, and set its environment."""
    laid = laid_out(manifests(example(name)), folder, existing(web))
    for variable, text in laid.environment.items():
        monkeypatch.setenv(variable, text)
    return laid


@pytest.mark.parametrize("name", EXAMPLES)
def test_our_program_knows_every_argument(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = container(manifests(example(name)))["args"]
    # Kubernetes puts the number of the pod in.
    command, *options = [word.replace("$(SHARD_INDEX)", "2") for word in arguments]
    with pytest.raises(SystemExit):
        main([command, "--help"])
    known = set(re.findall(r"--[\w.-]+", capsys.readouterr().out))
    assert {word.partition("=")[0] for word in options} <= known


@pytest.mark.parametrize("name", CONFIGURED)
def test_the_configuration_is_valid_and_its_secrets_are_where_it_says(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    laid = prepared(name, tmp_path, monkeypatch, {})
    assert main(["check", "--config", str(laid.config)]) == 0, capsys.readouterr().err
    sources = len(example(name)["config"]["sources"])
    assert f"{sources} source(s)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "folder"), [("secured-values.yaml", "../tls/tls"), ("sharded-values.yaml", "server")]
)
def test_the_web_configuration_finds_its_certificate(
    name: str,
    folder: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    web = {
        "tls_server_config": {"cert_file": f"{folder}.crt", "key_file": f"{folder}.key"},
        "basic_auth_users": {"prometheus": hashed("a password")},
    }
    laid = prepared(name, tmp_path, monkeypatch, web)
    [file] = [word.removeprefix(WEB) for word in laid.arguments if word.startswith(WEB)]
    assert main(["check", "--config", str(laid.config), "--web.config.file", file]) == 0
    assert "the web configuration is valid" in capsys.readouterr().out


async def test_the_container_serves_what_is_scraped_and_probed(tmp_path: Path) -> None:
    simulation = Simulation(servers=8, seed=3)
    async with simulation.serving() as base_url:
        sources = yaml.safe_load(simulation.sources_yaml(base_url))["sources"]
        secrets = dict(moved_into_files(sources))
        objects = manifests({"config": {"sources": sources}, "existingSecrets": [{"name": "apis"}]})
        laid = laid_out(objects, tmp_path, {"apis": secrets})
        arguments = [word.replace("=:10450", "=127.0.0.1:0") for word in laid.arguments]
        async with running(tmp_path, *arguments) as exporter:
            address = await exporter.address()
            for probe in ("livenessProbe", "readinessProbe"):
                path = container(objects)[probe]["httpGet"]["path"]
                await until_answered(f"{address}{path}")
            page = await fetch_when(f"{address}/metrics", lambda text: all_there(text, 8))
            assert values(page.encode(), "serverfleet_source_up") == [1.0, 1.0]
            code = await exporter.stop()
    assert code == 0


def moved_into_files(sources: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Name the file of each secret in place of the secret, and yield both."""
    for entry in sources:
        for name in {"client_secret", "password"} & set(entry):
            yield name, entry.pop(name)
            entry[f"{name}_file"] = f"/run/secrets/apis/{name}"


def all_there(text: str, count: int) -> bool:
    return len(values(text.encode(), "serverfleet_server_info")) == count


async def until_answered(url: str) -> None:
    """Ask as a kubelet does, until the answer is 200."""
    while True:
        try:
            await fetch(url)
        except AssertionError:
            await asyncio.sleep(0.05)
        else:
            return
