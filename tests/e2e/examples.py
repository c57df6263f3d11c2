"""Which servers do the dashboards show under test, and what is the matter with them?

Left to itself, a simulated fleet has a server for nearly every panel nearly all of the time. So
those that are shown are chosen by what is known of them, and what has to happen is ordered.
"""

from collections.abc import Container, Iterator, Mapping, Set
from pathlib import Path

from exporter.simulators import World
from exporter.simulators.load import DAY
from exporter.simulators.machines import SERVER
from tests.e2e.history import ENERGY, STEP
from tests.e2e.rig import Labels

Exposition = Mapping[str, Mapping[Labels, float]]
Examples = Mapping[str, tuple[str, str]]
"""Name and serial number of the server that is shown in a view."""
HEADROOM = "serverfleet_server_power_headroom_watts"
OUTDATED = "serverfleet_server_firmware_noncompliant_components"
PAGE = Path(__file__).parents[2] / "grafana/dashboards/server.json"


def switch_one_off(world: World) -> None:
    """Switch a server off whose last hour of energy is full, and which Prometheus never saw on."""
    known = [each for each in world.com_servers() if each.has_energy]
    longest = min(known, key=lambda each: each.installed_at)
    world.override(longest.serial, power="OFF")


def chosen(world: World, page: Exposition, now: float) -> Examples:
    """Pick servers of each vendor; all are in trouble, and another one is switched off.

    Args:
        world: The fleet.
        page: What the exporter serves of it.
        now: Unix seconds.
    """
    among = {*switched_on(page)} - {*young(world, now)}
    hpe, another = best_known(page, "hpe", among)
    # Of a server whose firmware is as it should be, no component is counted.
    dell, _ = best_known(page, "dell", among, {ENERGY, OUTDATED})
    # Power Manager, which tells utilisation, takes the place of the readings with a headroom.
    alone, _ = best_known(page, "dell", among, {ENERGY, HEADROOM})
    for _, serial in (hpe, dell, alone):
        world.override(serial, component={"fans": "CRITICAL"})
    world.override(another[1], power="OFF")
    return {"hpe": hpe, "dell": dell, "dell without Power Manager": alone, "fleet": ("", "")}


def switched_on(page: Exposition) -> Iterator[str]:
    """Give the serials of the servers that are on."""
    for own, value in page["serverfleet_server_power_state"].items():
        if ("state", "on") in own and value:
            yield dict(own)["serial"]


def young(world: World, now: float) -> Iterator[str]:
    """Give the serials of the servers whose energy of a whole day is not known yet."""
    yesterday = now - DAY - STEP
    for server in world.com_servers():
        if server.installed_at > yesterday - DAY:
            yield server.serial
    for device in world.ome_devices():
        if device.type == SERVER and world.power(device).since > yesterday:
            yield device.identifier


def best_known(
    page: Exposition, vendor: str, among: Container[str], having: Set[str] = frozenset()
) -> list[tuple[str, str]]:
    """Name two servers of which the dashboard shows most, with their serials.

    What they must have counts first, then what both vendors tell: each such panel must have data
    of either.
    """
    text = PAGE.read_text()
    told: dict[str, dict[tuple[str, str], set[str]]] = {"hpe": {}, "dell": {}}
    for name, series in page.items():
        if name.startswith("serverfleet_server_") and name in text:
            for own in map(dict, series):
                if own["serial"] in among:
                    who = own["server"], own["serial"]
                    told[own["vendor"]].setdefault(who, set()).add(name)
    of_hpe, of_dell = (set().union(*servers.values()) for servers in told.values())
    ranks = {
        who: (-len(names & having), -len(names & of_hpe & of_dell), -len(names), who)
        for who, names in told[vendor].items()
    }
    return sorted(ranks, key=lambda who: ranks[who])[:2]
