"""Which firmware runs on which models, and did its last update succeed?"""

from dataclasses import replace

from grafana_foundation_sdk.models import dashboard

from grafana.parts.bars import bars, shares
from grafana.parts.links import to_server_of_row
from grafana.parts.page import Section, line
from grafana.parts.queries import equal, of_chosen_models, of_fleet, states_of
from grafana.parts.tables import label, table, value
from grafana.parts.tiles import tile
from grafana.parts.values import BLUE, COUNT, FAULTS, Scale

IDENTITY = "source, vendor, serial, server"
FIRMWARE = "serverfleet_server_firmware_info"
UPDATE = "serverfleet_server_firmware_update"


def section() -> Section:
    """Describe the row."""
    return Section(
        "Firmware versions and updates",
        (
            line(
                9,
                _versions("BIOS versions", "bios"),
                _versions("BMC versions", "bmc"),
                _spread(),
                widths=(9, 9, 6),
            ),
            line(8, _updates(), _failed_updates(), widths=(8, 16)),
        ),
    )


def failed() -> dashboard.Panel:
    """Show how many updates failed."""
    failed = of_fleet(UPDATE, equal("state", "failed"))
    return tile(
        "Updates failed",
        "Servers whose last firmware update failed. Dell OME does not tell.",
        f"sum(max by (source, serial) ({failed}))",
        replace(FAULTS, missing="None told"),
    )


def _versions(title: str, component: str) -> dashboard.Panel:
    return table(
        title,
        "Servers of each model by version, the 100 most frequent. A version that few servers of a "
        "model have was forgotten, or is being tried.",
        [f"topk(100, {_counted(component)})"],
        [
            label("model", "Model"),
            label("version", "Version"),
            value("A", "Servers", Scale(decimals=0), width=80),
        ],
        order=[("Model", False), ("Servers", True)],
        missing="None told",
    )


def _counted(component: str) -> str:
    installed = of_fleet(FIRMWARE, equal("component", component))
    each = f"max by (source, serial, version) ({installed})"
    return f"count by (model, version) ({of_chosen_models(each)})"


def _spread() -> dashboard.Panel:
    return bars(
        "BIOS versions in use",
        "How many versions of its BIOS a model runs, the 15 largest.",
        (f"topk(15, count by (model) ({_counted('bios')}))", "{{model}}"),
        replace(COUNT, base=BLUE, missing="None told"),
    )


def _updates() -> dashboard.Panel:
    return shares(
        "Last firmware update",
        "Servers by the outcome of their last firmware update. Dell OME does not tell.",
        (f"sum by (state) ({of_fleet(UPDATE)})", "{{state}}"),
        replace(COUNT, missing="None told"),
        states=states_of(UPDATE),
    )


def _failed_updates() -> dashboard.Panel:
    failed = f"{of_fleet(UPDATE, equal('state', 'failed'))} == 1"
    return table(
        "Servers whose firmware update failed",
        "The last update of these servers failed; 200 at most. Dell OME does not tell.",
        [f"max by ({IDENTITY}, model) (topk(200, {of_chosen_models(failed)}))"],
        [
            label("server", "Server", link=to_server_of_row()),
            label("model", "Model"),
            label("source", "Source"),
            label("vendor", "Vendor"),
            label("serial", "Serial number"),
        ],
        order=[("Server", False)],
        missing="None",
    )
