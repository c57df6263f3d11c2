"""Links from a server on the status page: its BMC, its vendor's console, its Grafana dashboard.

Addresses come from vendors and from the configuration. Whatever is not plainly the address of a
web page becomes the empty string, and is not linked.
"""

import re
from urllib.parse import urlencode

from exporter.config.source import api_url
from exporter.exposition.targets import target_of
from exporter.status.attention import Case

SERVER_DASHBOARD = "serverfleet-server"
"""UID of the dashboard that shows one server; grafana/ defines it and its variables."""


def grafana_url(text: str) -> str:
    """Check the base address of Grafana and remove a slash at its end.

    Raises:
        ValueError: It is not an http(s) address of only a scheme, host, port and path.
    """
    address = web_address(text)
    if not address:
        raise ValueError(
            "write the base address of Grafana, such as https://grafana.example.net, "
            "without credentials, ? or #"
        )
    return address


def web_address(text: str) -> str:
    """Return an http(s) address without a slash at its end; empty for anything else."""
    if not re.fullmatch(r"[!-~]+", text):
        return ""
    try:
        return api_url(text)
    except ValueError:
        return ""


def bmc_link(case: Case) -> str:
    """Return the address of a server's BMC, which serves its pages with HTTPS only."""
    target = target_of(case.bmc_address)
    return f"https://{target}" if target else ""


def grafana_link(base: str, case: Case) -> str:
    """Return the address of a server's dashboard; empty without a base address."""
    if not base:
        return ""
    variables = {
        "var-source": case.source,
        "var-server": case.server,
        "var-serial": case.serial,
    }
    return f"{base}/d/{SERVER_DASHBOARD}?{urlencode(variables, errors='replace')}"
