"""Each fault is found at its own step, says what to do, and ends the way there."""

import asyncio
import re
import socket
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme

from exporter.clock import SystemClock
from exporter.config.source import SourceSettings
from exporter.doctor import examination
from exporter.doctor.examination import examine
from exporter.doctor.findings import Examined
from tests.doctor.conftest import Admit, context, finding, settings, verdicts
from tests.support.timeouts import Timeouts

REST = {
    "login": "not tried",
    "devices": "not tried",
    "jobs": "not tried",
    "latency": "not tried",
    "budget": "not tried",
    "time zone": "not tried",
}
NOWHERE = {"tls": "not tried", "clock": "not tried", **REST}


class Ahead(SystemClock):
    """A clock that is wrong."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def wall(self) -> float:
        return super().wall() + self._seconds


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("kind", ["com", "ome"])
async def test_a_source_that_works_is_fine_in_every_step(
    admit: Admit, authority: trustme.CA, ca_file: str, kind: str
) -> None:
    ends = datetime.now(UTC) + timedelta(days=100, hours=1)
    clinic = await admit(context(authority.issue_cert("127.0.0.1", not_after=ends)))

    found = await clinic.examined(kind, http={"ca_file": ca_file})

    assert found.works
    assert set(verdicts(found).values()) == {"ok"}
    assert list(verdicts(found))[:5] == ["dns", "tcp", "tls", "clock", "login"]
    tls = finding(found, "tls").seen
    assert re.match(r"TLSv1\.[23], certificate for 127\.0\.0\.1, issued by O=trustme", tls)
    assert f"ends {ends:%Y-%m-%d} (in 100 days), verified by http.ca_file" in tls
    assert re.match(
        r"\d+ items, 0 problems, \d+ requests", finding(found, "collector", "jobs").seen
    )
    assert "requests an hour (no limit is set)" in finding(found, "budget").seen
    assert clinic.simulation.open_sessions == 0


async def test_a_name_that_does_not_exist(admit: Admit) -> None:
    clinic = await admit()

    found = await clinic.examined(url="https://ome.serverfleet.invalid")

    assert not found.works
    assert verdicts(found) == {"dns": "failed", "tcp": "not tried", **NOWHERE}
    assert "its name cannot be resolved" in finding(found, "dns").seen
    assert "the spelling in url" in finding(found, "dns").advice


async def test_a_port_on_which_nothing_listens(admit: Admit) -> None:
    clinic = await admit()
    port = free_port()

    found = await clinic.examined(url=f"https://127.0.0.1:{port}")

    assert verdicts(found) == {"dns": "ok", "tcp": "failed", **NOWHERE}
    assert (
        finding(found, "tcp").seen == f"127.0.0.1 port {port}: cannot connect (connection refused)"
    )
    assert "check the port" in finding(found, "tcp").advice


async def test_packets_that_are_dropped(admit: Admit, monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent(*_: Any, **__: Any) -> Any:
        await asyncio.Event().wait()

    clinic = await admit()
    monkeypatch.setattr("exporter.doctor.route.asyncio.open_connection", silent)

    found = await clinic.examined(url="https://127.0.0.1:4443", http={"timeout": "50ms"})

    assert finding(found, "tcp").seen == (
        "127.0.0.1 port 4443: no complete answer within 0.05 s: the connection is not accepted"
    )
    assert "firewall" in finding(found, "tcp").advice
    assert "127.0.0.1:4443" in finding(found, "tcp").advice


async def test_one_of_two_addresses_is_enough_and_the_other_is_named(
    admit: Admit, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic = await admit()
    port = clinic.url.rpartition(":")[2]

    async def both(host: str, number: int, **_: Any) -> list[Any]:
        return [(0, 0, 0, "", (address, number)) for address in ("::1", "127.0.0.1")]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", both)
    found = await clinic.examined(url=f"http://localhost:{port}")

    assert finding(found, "dns").seen == "::1, 127.0.0.1"
    assert finding(found, "tcp").seen == f"port {port} answers at 127.0.0.1 (not ::1)"


async def test_a_certificate_that_has_expired(
    admit: Admit, authority: trustme.CA, ca_file: str
) -> None:
    expired = authority.issue_cert("127.0.0.1", not_after=datetime(2024, 5, 6, tzinfo=UTC))
    clinic = await admit(context(expired))

    found = await clinic.examined(http={"ca_file": ca_file})

    assert verdicts(found) == {
        "dns": "ok",
        "tcp": "ok",
        "tls": "failed",
        "clock": "not tried",
        **REST,
    }
    assert "expired on 2024-05-06" in finding(found, "tls").seen
    assert "renew the certificate" in finding(found, "tls").advice


async def test_a_certificate_that_ends_soon_is_a_warning(
    admit: Admit, authority: trustme.CA, ca_file: str
) -> None:
    soon = datetime.now(UTC) + timedelta(days=3, hours=1)
    clinic = await admit(context(authority.issue_cert("127.0.0.1", not_after=soon)))

    found = await clinic.examined(http={"ca_file": ca_file})

    assert found.works
    assert verdicts(found)["tls"] == "warning"
    assert "(in 3 days)" in finding(found, "tls").seen
    assert "renew" in finding(found, "tls").advice


async def test_a_certificate_of_another_host_names_the_right_setting(
    admit: Admit, authority: trustme.CA, ca_file: str
) -> None:
    clinic = await admit(context(authority.issue_cert("ome.example.net", "ome.example.com")))

    found = await clinic.examined(http={"ca_file": ca_file})
    cured = await clinic.examined(http={"ca_file": ca_file, "server_name": "ome.example.net"})

    assert verdicts(found)["tls"] == "failed"
    assert "http.server_name" in finding(found, "tls").advice
    assert "is for ome.example.net, ome.example.com, not" in finding(found, "tls").seen
    assert cured.works


async def test_a_ca_that_nobody_knows(admit: Admit, authority: trustme.CA) -> None:
    clinic = await admit(context(authority.issue_cert("127.0.0.1")))

    found = await clinic.examined()

    assert verdicts(found)["tls"] == "failed"
    assert "the certificate of that CA" in finding(found, "tls").advice
    assert "http.ca_file" in finding(found, "tls").advice


async def test_a_ca_file_of_another_ca(admit: Admit, authority: trustme.CA, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.pem"
    trustme.CA(organization_name="another").cert_pem.write_to_path(str(wrong))
    clinic = await admit(context(authority.issue_cert("127.0.0.1")))

    found = await clinic.examined(http={"ca_file": str(wrong)})

    assert "http.ca_file does not hold the CA" in finding(found, "tls").seen


async def test_a_self_signed_certificate_can_be_compared_and_trusted(
    admit: Admit, authority: trustme.CA, tmp_path: Path
) -> None:
    pair = tmp_path / "own.pem"
    pair.write_bytes(authority.private_key_pem.bytes() + authority.cert_pem.bytes())
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(pair)
    clinic = await admit(own)

    found = await clinic.examined()

    assert verdicts(found)["tls"] == "failed"
    assert "self" in finding(found, "tls").seen
    assert "the certificate itself" in finding(found, "tls").advice
    assert re.search("SHA-256, [0-9a-f]{64}, and set http.ca_file", finding(found, "tls").advice)


async def test_a_certificate_that_is_not_verified_is_a_warning(
    admit: Admit, authority: trustme.CA
) -> None:
    clinic = await admit(context(authority.issue_cert("elsewhere")))

    found = await clinic.examined(http={"insecure_skip_verify": True})

    assert found.works
    assert verdicts(found)["tls"] == "warning"
    assert "http.ca_file" in finding(found, "tls").advice


async def test_a_port_without_tls(admit: Admit) -> None:
    clinic = await admit()

    found = await clinic.examined(url=clinic.url.replace("http://", "https://"))

    assert "does not speak TLS" in finding(found, "tls").seen
    assert "url" in finding(found, "tls").advice


async def test_somebody_who_hangs_up_in_the_handshake(admit: Admit) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.close()
        await writer.wait_closed()

    clinic = await admit()
    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        found = await clinic.examined(url=f"https://127.0.0.1:{port}")

    assert "ended during the TLS handshake" in finding(found, "tls").seen
    assert "firewall" in finding(found, "tls").advice


@pytest.mark.parametrize(
    ("kind", "names"),
    [("com", ("client_id", "client_secret")), ("ome", ("username", "password"))],
)
async def test_a_login_that_is_refused_names_the_settings(
    admit: Admit, kind: str, names: tuple[str, str]
) -> None:
    clinic = await admit()
    entry = clinic.entry(kind)
    clinic.simulation.rotate_com_secret("another")
    clinic.simulation.rotate_ome_password("another")

    (found,) = await examine([settings(entry)], 60.0)

    assert not found.works
    assert verdicts(found)["login"] == "failed"
    assert set(list(verdicts(found).values())[5:7]) == {"not tried"}
    assert " and ".join(names) in finding(found, "login").advice
    assert f"{kind}-demo" in finding(found, "login").advice


async def test_the_file_of_a_secret_is_named(admit: Admit, tmp_path: Path) -> None:
    clinic = await admit()
    path = tmp_path / "password"
    path.write_text("planted-wrong-one")

    found = await clinic.examined(password=None, password_file=str(path))

    assert "password_file" in finding(found, "login").advice
    assert "planted" not in repr(found)


ROLES = {"com": "the role Compute Ops Management Viewer", "ome": "the role VIEWER, with all dev"}


@pytest.mark.parametrize("kind", ["com", "ome"])
async def test_a_collector_that_is_forbidden_names_the_role(admit: Admit, kind: str) -> None:
    clinic = await admit()
    clinic.simulation.faults.add(kind="status", path="(?i)alert", code=403)
    collectors = {**clinic.entry(kind)["collectors"], "alerts": {"enabled": True}}

    found = await clinic.examined(kind, collectors=collectors)

    assert not found.works
    alerts = finding(found, "collector", "alerts")
    assert (alerts.verdict, alerts.seen.partition(":")[0]) == ("failed", "forbidden")
    assert ROLES[kind] in alerts.advice
    assert list(verdicts(found).values()).count("failed") == 1


@pytest.mark.parametrize("kind", ["com", "ome"])
async def test_a_collector_that_the_exporter_does_without_is_a_warning(
    admit: Admit, kind: str
) -> None:
    clinic = await admit()
    clinic.simulation.faults.add(kind="status", path="(?i)/jobs", code=403)

    found = await clinic.examined(kind)

    assert found.works
    jobs = finding(found, "collector", "jobs")
    assert jobs.verdict == "warning"
    assert "HTTP 403" in jobs.seen
    assert ROLES[kind] in jobs.advice


@pytest.mark.parametrize("kind", ["com", "ome"])
async def test_an_inventory_that_fails_leaves_the_others_untried(admit: Admit, kind: str) -> None:
    clinic = await admit()
    clinic.simulation.faults.add(kind="status", path="/Devices$|/servers$", code=403)

    found = await clinic.examined(kind)

    inventory = finding(found, "collector", "servers" if kind == "com" else "devices")
    assert (verdicts(found)["login"], inventory.verdict) == ("ok", "failed")
    assert ROLES[kind] in inventory.advice
    assert verdicts(found)["jobs"] == "not tried"


async def test_a_licence_that_is_missing_is_a_warning(admit: Admit) -> None:
    clinic = await admit()
    off = clinic.entry()["collectors"]
    collectors = {**off, "power_manager": {"enabled": True}}
    clinic.simulation.appliance.power_manager = False

    found = await clinic.examined(collectors=collectors)

    assert found.works
    assert verdicts(found)["power_manager"] == "warning"
    assert "Power Manager" in finding(found, "collector", "power_manager").seen


@pytest.mark.parametrize(
    ("seconds", "verdict", "words"),
    [
        (2, "ok", "agrees"),
        (20, "warning", "s behind us"),
        (-20, "warning", "s ahead of us"),
        (300, "failed", "s behind us"),
    ],
)
async def test_clocks_that_do_not_agree(
    admit: Admit, seconds: float, verdict: str, words: str
) -> None:
    clinic = await admit()

    found = await clinic.examined(clock=Ahead(seconds))

    clock = finding(found, "clock")
    assert (clock.verdict, found.works) == (verdict, verdict != "failed")
    assert words in clock.seen
    assert ("NTP" in clock.advice) == (verdict != "ok")
    # The way does not end there.
    assert verdicts(found)["login"] == "ok"


async def test_a_collector_that_hangs_is_given_up(
    admit: Admit, monkeypatch: pytest.MonkeyPatch
) -> None:
    timeouts = Timeouts.of(examination, monkeypatch)
    clinic = await admit()
    hanging = clinic.simulation.faults.add(kind="delay", path="JobService", seconds=86_400)
    examined = asyncio.create_task(clinic.examined(limit=3600, http={"timeout": "1d"}))
    while not hanging.hits:  # noqa: ASYNC110 - the call is all there is to see
        await asyncio.sleep(0.01)
    timeouts.limits[-1].reschedule(0)

    found = await examined

    assert not found.works
    assert verdicts(found)["devices"] == "ok"
    jobs = finding(found, "collector", "jobs")
    assert jobs.seen == "not finished within the 3600 s of --probe.timeout"
    assert "http.concurrency" in jobs.advice
    assert clinic.simulation.open_sessions == 0


async def test_a_budget_that_is_too_small_is_a_warning(admit: Admit) -> None:
    clinic = await admit()

    found = await clinic.examined(http={"requests_per_minute": 60}, collectors={})
    few = await clinic.examined(
        http={"requests_per_minute": 1000},
        collectors={**clinic.entry()["collectors"], "devices": {"interval": "15s"}},
    )

    assert "of 3600 that requests_per_minute allows" in finding(found, "budget").seen
    assert verdicts(few)["budget"] == "ok"


async def test_sources_are_examined_at_the_same_time(
    admit: Admit, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = asyncio.Barrier(2)

    async def met(source: SourceSettings, *_: Any) -> Examined:
        async with asyncio.timeout(30):
            await together.wait()
        return Examined(source.name, source.type, source.api, ())

    clinic = await admit()
    monkeypatch.setattr(examination, "_examined", met)
    sources: Sequence[SourceSettings] = [settings(clinic.entry(kind)) for kind in ("com", "ome")]

    found = await examine(sources, 60.0)

    assert [each.source for each in found] == ["com-demo", "ome-demo"]


async def test_the_login_of_com_may_be_on_another_host(admit: Admit, authority: trustme.CA) -> None:
    clinic = await admit()
    refused = f"http://127.0.0.1:{free_port()}"

    found = await clinic.examined("com", token_url=f"{refused}/token")

    hosts = [each.subject for each in found.findings if each.step == "tcp"]
    assert hosts == [refused.removeprefix("http://"), clinic.url.removeprefix("http://")]
    assert [each.verdict for each in found.findings if each.step == "tcp"] == ["failed", "ok"]
    assert verdicts(found)["login"] == "not tried"
