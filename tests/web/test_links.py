import json
from pathlib import Path
from typing import Any

import pytest

from exporter.status.attention import Case, Severity
from exporter.web.links import SERVER_DASHBOARD, bmc_link, grafana_link, grafana_url, web_address

DASHBOARD = Path(__file__).parents[2] / "grafana" / "dashboards" / "server.json"


def case(**changes: Any) -> Case:
    facts: dict[str, Any] = {"server": "host1", "serial": "SN1", "source": "emea", **changes}
    return Case(severity=Severity.WARNING, vendor="hpe", reasons=("fans warning",), **facts)


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("192.0.2.20", "https://192.0.2.20"),
        ("2001:db8::1", "https://[2001:db8::1]"),
        ("ilo-1.example.net", "https://ilo-1.example.net"),
        ("", ""),
        ("127.0.0.1", ""),
        ("fd00::1%'><script>", ""),
        ("javascript:alert(1)", ""),
        ("host/path", ""),
        ("host:8443", ""),
        ("user@host", ""),
        ('host" onclick="x', ""),
        ("a b", ""),
        ("host\n", ""),
    ],
)
def test_only_a_plain_address_or_host_name_of_a_bmc_is_linked(address: str, link: str) -> None:
    assert bmc_link(case(bmc_address=address)) == link


def test_the_link_to_grafana_selects_the_server_and_escapes_its_names() -> None:
    hostile = case(server="a&b=<\u00e9>\udcff", serial='"x#')

    assert grafana_link("https://g.example.net/base", hostile) == (
        "https://g.example.net/base/d/serverfleet-server?"
        "var-source=emea&var-server=a%26b%3D%3C%C3%A9%3E%3F&var-serial=%22x%23"
    )
    assert grafana_link("", hostile) == ""


def test_the_dashboard_has_the_identifier_and_variables_of_the_link() -> None:
    found = json.loads(DASHBOARD.read_text(encoding="utf-8"))

    assert found["uid"] == SERVER_DASHBOARD
    variables = {each["name"] for each in found["templating"]["list"]}
    assert {"source", "server", "serial"} <= variables


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://grafana.example.net/", "https://grafana.example.net"),
        ("http://[::1]:3000/sub/path", "http://[::1]:3000/sub/path"),
    ],
)
def test_the_address_of_grafana_may_have_a_port_and_a_path(text: str, address: str) -> None:
    assert grafana_url(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "grafana",
        "ftp://grafana",
        "javascript:alert(1)",
        "https://user:pass@grafana",
        "https://grafana/?x=1",
        "https://grafana/#x",
        "https://grafana/ x",
        "https://grafana/\u202e",
        "https://[grafana",
    ],
)
def test_any_other_address_is_rejected(text: str) -> None:
    assert web_address(text) == ""
    with pytest.raises(ValueError, match="write the base address of Grafana"):
        grafana_url(text)
