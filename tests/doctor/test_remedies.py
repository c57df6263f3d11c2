"""What is wrong on the way to an API is said in the same words by the log and by the probe."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from exporter.clock import SystemClock
from exporter.doctor.examination import examine
from exporter.doctor.findings import Verdict
from exporter.exposition.store import Store
from exporter.polling.scheduler import Scheduler
from exporter.polling.source import PolledSource
from exporter.sources.contract import Surroundings
from exporter.sources.observer import Silence
from exporter.sources.vendors import SOURCES
from tests.doctor.cases import CASES
from tests.doctor.conftest import settings
from tests.doctor.ways import PASSWORD, Changes, dead_proxy, refused


async def failed(entry: Changes) -> dict[str, Any]:
    """Run the source as the exporter does; returns the log line of its inventory."""
    source, clock = settings(entry), SystemClock()
    kind = SOURCES[source.type]
    built = kind.build(source, Surroundings(clock, Silence()))
    polled = PolledSource(source, kind.vendor, built)
    scheduler = Scheduler([polled], Store(clock), clock)
    with capture_logs() as lines:
        await scheduler.run_all_once()
        await scheduler.stop()
    return next(dict(line) for line in lines if line["event"] == "poll failed")


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def entry(**changes: Any) -> Changes:
    made = {"name": "rome", "type": "ome", "url": "", "username": "u", "password": PASSWORD}
    return {**made, **changes}


@pytest.mark.parametrize("name", CASES)
async def test_the_log_and_the_probe_say_what_is_wrong_and_what_helps(
    name: str, tmp_path: Path
) -> None:
    case = CASES[name]

    async with case.arranged(tmp_path) as changes:
        line = await failed(entry(**changes))
        (found,) = await examine([settings(entry(**changes))], 60.0)

    (finding,) = [each for each in found.findings if each.verdict is Verdict.FAILED]
    assert finding.step == case.step
    assert case.cause in finding.seen
    assert case.todo in finding.advice
    assert line["reason"] == case.reason
    assert line["error"].endswith(f"; {finding.advice}")
    assert case.cause in line["error"]
    assert PASSWORD not in repr(found) + repr(line)


async def test_dns_servers_that_are_silent_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", silent)
    changes = {"url": "https://ome.example.net", "http": {"timeout": "50ms"}}
    line = await failed(entry(**changes))
    (found,) = await examine([settings(entry(**changes))], 60.0)

    (finding,) = [each for each in found.findings if each.verdict is Verdict.FAILED]
    assert (finding.step, line["reason"]) == ("dns", "timeout")
    for said in (finding.seen, line["error"]):
        assert "no complete answer within 0.05 s: the DNS servers are silent" in said
    assert "/etc/resolv.conf" in finding.advice


async def test_a_dead_proxy_is_named_in_place_of_the_api(tmp_path: Path) -> None:
    async with dead_proxy(tmp_path) as changes:
        error = (await failed(entry(**changes)))["error"]

    where = changes["http"]["proxy"].partition("@")[2]
    assert f"through the proxy {where}: cannot connect (connection refused)" in error
    assert "ome.example.net" not in error


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("name", ["refused", "not accepted", "no name"])
async def test_a_proxy_in_the_environment_is_named_as_not_used(
    name: str, variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, f"http://me:{PASSWORD}@proxy.example.net:3128")

    async with CASES[name].arranged(tmp_path) as changes:
        line = await failed(entry(**changes))
        (found,) = await examine([settings(entry(**changes))], 60.0)

    (finding,) = [each for each in found.findings if each.verdict is Verdict.FAILED]
    for said in (line["error"], finding.advice):
        assert f"{variable} is set in the environment, but not used" in said
        assert "http.proxy" in said
    assert PASSWORD not in repr(found) + repr(line)


@pytest.mark.parametrize(
    ("changes", "exceptions"),
    [
        ({"proxy": "http://127.0.0.1:9"}, ""),
        ({}, "10.0.0.1, 127.0.0.1"),
        ({}, "*"),
    ],
    ids=["a proxy is set", "the host is excepted", "every host is excepted"],
)
async def test_a_proxy_in_the_environment_is_not_named_where_it_would_not_help(
    changes: Changes, exceptions: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.net:3128")
    monkeypatch.setenv("NO_PROXY", exceptions)

    async with refused(tmp_path) as made:
        line = await failed(entry(**made, http=changes))

    assert "HTTPS_PROXY" not in line["error"]


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("expired", "certificate expired"),
        ("not yet valid", "certificate not valid yet"),
        ("wrong name", "the certificate is for another name, not for ome.fra.example.net"),
        ("self-signed", "self-signed certificate"),
        ("unknown authority", "issued by a CA that this machine does not trust"),
    ],
)
async def test_where_openssl_keeps_no_certificate_the_sentence_still_helps(
    name: str, cause: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exporter.sources.tls._presented", lambda _: ())

    async with CASES[name].arranged(tmp_path) as changes:
        line = await failed(entry(**changes))

    assert f"{cause}; " in line["error"]
    assert CASES[name].todo in line["error"]
