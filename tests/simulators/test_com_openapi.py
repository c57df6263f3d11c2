"""The simulated COM, checked against HPE's description of the API."""

from collections.abc import Iterator, Mapping
from urllib.parse import quote

import pytest

from exporter.simulators import Simulation
from exporter.simulators.com.api import PREFIX
from exporter.simulators.com.energy import ALL_SERVERS
from exporter.simulators.com.estate import RESOURCES, Estate
from exporter.sources.calls import selected
from exporter.sources.com import SOURCE
from tests.simulators.conftest import START, Caller, HandClock
from tests.support.hpe import description, needs_description, recorded
from tests.support.openapi import Exchange, Operation, Violation

pytestmark = needs_description

ALERTS = "v1/alerts"
ALERTS_OF_SERVER = "v1/servers/{id}/alerts"
COMPLIANCE = "v1/groups/{group-id}/compliance"
ENERGY = "v1beta1/energy-by-entity"
SERVER = "v1/servers/{id}"
SERVERS = "v1/servers"
SETTINGS = "v1beta3/groups/{group-id}/ilo-settings-compliance"
UTILIZATION = "v1beta1/utilization-by-entity"

NOT_OFFERED = "a region without the list answers 404, which the description does not have"
NULL_IN_ENUM = "the description allows null by the type, and leaves it out of the enum"
SELECTED = "`select` leaves out what the description requires of every alert"
SPELLING = "live answers have title case, where the description has capitals"
OVERLAP = "no branch requires anything, so that the same value is valid under several"

DEVIATIONS: Mapping[tuple[str, str, str], str] = {
    (ALERTS, "", "status 404"): NOT_OFFERED,
    (ALERTS, "items", "required (select)"): SELECTED,
    (ALERTS, "items/severity", "enum"): SPELLING,
    (ALERTS_OF_SERVER, "items", "required (select)"): SELECTED,
    (ALERTS_OF_SERVER, "items/severity", "enum"): SPELLING,
    (COMPLIANCE, "items/complianceState", "enum"): SPELLING,
    (SETTINGS, "items/complianceState", "enum"): SPELLING,
    (ENERGY, "items/entityDetails", "oneOf"): OVERLAP,
    (UTILIZATION, "items/metadata", "oneOf"): OVERLAP,
    (SERVER, "deviceClaimType", "enum"): NULL_IN_ENUM,
    (SERVER, "state/subscriptionTier", "enum"): SPELLING,
    (SERVERS, "items/deviceClaimType", "enum"): NULL_IN_ENUM,
    (SERVERS, "items/state/subscriptionTier", "enum"): SPELLING,
}
"""Path, place and rule in which the simulator's answers differ on purpose, with the reason."""

EVT = "HPE's own public client sends it, and is answered"
ACCEPTED: Mapping[tuple[str, str, str], str] = {
    (COMPLIANCE, "limit", "unknown"): EVT,
    (COMPLIANCE, "offset", "unknown"): EVT,
    (SETTINGS, "limit", "unknown"): EVT,
    (SETTINGS, "offset", "unknown"): EVT,
    (ENERGY, "sample-size", "missing"): "it has a default; HPE's own public client leaves it out",
}
"""Path, parameter and mistake that the simulator accepts on purpose, with the reason."""

DATES = {"start-date": "2026-05-26", "end-date": "2026-05-27"}
TODAY = {"start-date": "2026-05-28", "end-date": "2026-05-29"}
REQUIRED: Mapping[str, Mapping[str, str]] = {
    ENERGY: {**DATES, "sample-size": "1_DAY"},
    UTILIZATION: {**DATES, "resource-uri": ALL_SERVERS, "metric-type": RESOURCES[0]},
}
SELECTABLE = (SERVERS, ALERTS, ALERTS_OF_SERVER, "v1/jobs")
SELECTS = {
    path: tuple(
        selected(call.record) for call in SOURCE.calls if call.page and call.endpoint == path
    )
    for path in SELECTABLE
}
SELECTS[SERVER] = SELECTS[SERVERS]


@pytest.fixture
def simulation(clock: HandClock) -> Simulation:
    """Return a fleet with groups of every kind."""
    return Simulation(servers=320, seed=7, clock=clock, com_share=1.0)


@pytest.fixture
def exchanges(monkeypatch: pytest.MonkeyPatch) -> list[Exchange]:
    return recorded(monkeypatch)


def served(simulation: Simulation) -> dict[str, Operation]:
    """Return the operation of every path that the simulated COM serves, by the path's short form.

    It fails where the description has no such path.
    """
    found = {}
    for route in simulation.app().router.routes():
        path = getattr(route.resource, "canonical", "")
        if route.method == "GET" and path.startswith(PREFIX):
            operation = description().operation("GET", path)
            assert operation is not None, path
            found[operation.path.removeprefix(PREFIX + "/")] = operation
    return found


def addresses(simulation: Simulation, path: str) -> list[str]:
    """Return a path for every group, or for some of the servers, if it needs the id of one."""
    if "{group-id}" in path:
        groups = Estate(simulation.world).groups(START)
        return [f"/{path.replace('{group-id}', each.id)}" for each in groups]
    if "{id}" in path:
        servers = simulation.world.com_servers()[:30]
        return [f"/{path.replace('{id}', each.id)}" for each in servers]
    return [f"/{path}"]


def written(query: Mapping[str, str]) -> str:
    return "?" + "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())


def answers(simulation: Simulation, path: str, operation: Operation) -> Iterator[str]:
    """Yield requests that together show everything that a path can answer with."""
    highest = operation.of_kind("query").get("limit", {}).get("schema", {}).get("maximum")
    query = {**REQUIRED.get(path, {}), **({"limit": str(highest)} if highest else {})}
    places = addresses(simulation, path)
    # The lists of two servers already have hundreds of alerts.
    for place in places[:2] if path == ALERTS_OF_SERVER else places:
        yield place + written(query)
    for fields in SELECTS.get(path, ()):
        yield places[0] + written({**query, "select": fields})
    if path in (ENERGY, UTILIZATION):
        yield f"/{path}" + written({**query, "excluded-servers": "true"})
        yield f"/{path}" + written({**query, **TODAY})
    for metric_type in RESOURCES if path == UTILIZATION else ():
        yield f"/{path}" + written({**query, "metric-type": metric_type})


def mistakes(operation: Operation, names: set[str]) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield parameter, mistake and changes to a query; a value of "-" takes the parameter out."""
    known = operation.of_kind("query")
    for name in sorted({*names, "unknown"} - set(known)):
        yield name, "unknown", {name: "1"}
    for name, parameter in known.items():
        schema = parameter["schema"]
        if parameter.get("required"):
            yield name, "missing", {name: "-"}
        if "maximum" in schema:
            yield name, "above the maximum", {name: str(schema["maximum"] + 1)}
        if schema["type"] in ("integer", "boolean") or "enum" in schema:
            yield name, "wrong value", {name: "nonsense"}


def shown(violations: set[tuple[str, str, str]], found: list[Violation]) -> str:
    """Say what each violation is about, with one example."""
    examples = {_key(each): each.message for each in found}
    return "\n".join(f"{each}: {examples.get(each, '')[:300]}" for each in sorted(violations))


def _key(each: Violation) -> tuple[str, str, str]:
    return each.path.removeprefix(PREFIX + "/"), each.place, each.rule


async def test_answers_follow_the_description_but_where_they_differ_on_purpose(
    exchanges: list[Exchange], caller: Caller
) -> None:
    for path, operation in served(caller.simulation).items():
        for request in answers(caller.simulation, path, operation):
            await caller.com(request)
    await refused_requests(caller)

    found = [each for one in exchanges for each in description().answer_violations(one)]
    keys = {_key(each) for each in found}
    assert {one.status for one in exchanges} >= {200, 400, 401, 404, 406}
    assert not keys - set(DEVIATIONS), shown(keys - set(DEVIATIONS), found)
    assert not set(DEVIATIONS) - keys, "these are no longer needed in DEVIATIONS"


async def refused_requests(caller: Caller) -> None:
    """Be refused with every status that the simulated COM has of its own."""
    token = {"Authorization": f"Bearer {caller.com_token}"}
    servers, groups = f"{PREFIX}/{SERVERS}", f"{PREFIX}/v1/groups"
    await caller.raw("GET", servers)
    await caller.raw("GET", servers, headers={**token, "Accept": "text/html"})
    await caller.raw("GET", servers, headers={**token, "Tenant-Acid": "me"})
    await caller.raw("GET", groups, headers={**token, "Tenant-Acid": "1" * 32})
    await caller.com(f"/{SERVERS}/P1-B21+none")
    await caller.com(f"/{SERVERS}/P1-B21+none/alerts")
    await caller.com(f"/{SERVERS}?filter=name")
    caller.simulation.com_fleet_alerts = False
    await caller.com(f"/{ALERTS}")


async def test_what_the_description_does_not_allow_is_refused_with_the_name_of_the_parameter(
    caller: Caller,
) -> None:
    operations = served(caller.simulation)
    names = {name for each in operations.values() for name in each.of_kind("query")}
    tried, accepted, blamed = 0, set(), set()

    for path, operation in operations.items():
        place = addresses(caller.simulation, path)[0]
        for name, mistake, change in mistakes(operation, names):
            query = {**REQUIRED.get(path, {}), **change}
            wanted = written({key: value for key, value in query.items() if value != "-"})
            status, body = await caller.com(place + wanted)
            tried += 1
            if status == 200:
                accepted.add((path, name, mistake))
            else:
                (detail,) = body["errorDetails"]
                blamed |= {(name, issue["subject"]) for issue in detail["issues"]}
                assert (status, detail["type"]) == (400, "hpe.greenlake.bad_request")

    assert tried > 100
    assert accepted == set(ACCEPTED)
    assert all(name == subject for name, subject in blamed), blamed
