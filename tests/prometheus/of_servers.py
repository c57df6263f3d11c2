"""How do the alerts about servers behave?"""

from tests.prometheus.scenario import Labels, Scenario, Series, numbered, one_hot, series

COM = {"source": "emea", "vendor": "hpe"}
OME = {"source": "frankfurt", "vendor": "dell"}
WEB = {**COM, "serial": "CZ1", "server": "web-01"}
DB = {**OME, "serial": "ABC1234", "server": "db-01"}
WEB_INFO = {series("serverfleet_server_info", WEB, id="7", model="ProLiant DL360 Gen11"): 1.0}
DB_INFO = {series("serverfleet_server_info", DB, id="8", model="PowerEdge R760"): 1.0}
COM_UP = series("serverfleet_source_up", COM)
OME_UP = series("serverfleet_source_up", OME)
WEB_THERE: Series = {COM_UP: 1, **WEB_INFO}
DB_THERE: Series = {OME_UP: 1, **DB_INFO}
COM_DOWN = {COM_UP: 0.0}
OME_DOWN = {OME_UP: 0.0}
WEB_TEXT = "web-01 (source emea, serial CZ1, model ProLiant DL360 Gen11)"
DB_TEXT = "db-01 (source frankfurt, serial ABC1234, model PowerEdge R760)"


def of_web(severity: str, **more: str) -> Labels:
    """Return the labels of an alert about the HPE server."""
    return {"severity": severity, "scope": "server", **WEB, "model": "ProLiant DL360 Gen11", **more}


def of_db(severity: str, **more: str) -> Labels:
    """Return the labels of an alert about the Dell server."""
    return {"severity": severity, "scope": "server", **DB, "model": "PowerEdge R760", **more}


def of_com(severity: str, **more: str) -> Labels:
    """Return the labels of an alert about the HPE source."""
    return {"severity": severity, "scope": "source", **COM, **more}


def _health(state: str, owner: Labels = WEB) -> Series:
    return one_hot("serverfleet_server_health", owner, "ok warning critical unknown", state)


def _component(component: str, severity: float) -> Series:
    name = "serverfleet_server_component_health_severity"
    return {series(name, WEB, component=component): severity}


def _fleet(of: int, **states: int) -> Series:
    """Return the health of a source's servers: so many of each state, the rest ok."""
    words = [state for state, count in states.items() for _ in range(count)]
    words += ["ok"] * (of - len(words))
    found: dict[str, float] = {series("serverfleet_source_servers", COM): of}
    for number, state in enumerate(words):
        found.update(_health(state, numbered(COM, number)))  # type: ignore[arg-type]
    return found


def _connections(of: int, lost: int) -> Series:
    servers = [numbered(COM, number) for number in range(of)]
    found = {
        series("serverfleet_server_connected", server): float(number >= lost)
        for number, server in enumerate(servers)
    }
    return {series("serverfleet_source_servers", COM): of, **found}


def _redundancy(state: str) -> Series:
    words = "redundant non_redundant failed"
    return one_hot("serverfleet_server_redundancy", WEB, words, state, component="fans")


def _subscription(state: str, owner: Labels = WEB) -> Series:
    name = "serverfleet_server_subscription"
    return one_hot(name, owner, "subscribed required expired", state)


def _unsubscribed(count: int) -> Series:
    """Return that the first servers of a fleet have no subscription."""
    found: dict[str, float | tuple[float, float]] = {}
    for number in range(count):
        found |= _subscription("required", numbered(COM, number))
    return found


def _group_health(state: str) -> Series:
    words = "ok warning critical unknown"
    return one_hot("serverfleet_group_health", OME, words, state, group="web")


_UPDATE = "serverfleet_server_firmware_update"
_UNASSIGNED = series("serverfleet_source_alerts_unassigned", COM, severity="critical")

_CONNECTED = series("serverfleet_server_connected", WEB)


def _disconnected(bad: Series, good: Series) -> Scenario:
    return Scenario(
        alert="ServerfleetServerDisconnected",
        context=WEB_THERE,
        bad=bad,
        good=good,
        after=15,
        quiet=COM_DOWN,
        labels=of_web("warning", condition="connection"),
        summary="web-01: not connected to its management",
        description=(
            "emea does not reach web-01 (serial CZ1, model ProLiant DL360 Gen11). What is shown "
            "of it is the last that was known; a fault would not be seen."
        ),
    )


def _many_disconnected(bad: Series, good: Series) -> Scenario:
    return Scenario(
        alert="ServerfleetManyServersDisconnected",
        context={COM_UP: 1},
        bad=bad,
        good=good,
        after=10,
        quiet=COM_DOWN,
        labels=of_com("critical"),
        summary="emea: 50% of the servers are disconnected",
        description=(
            "emea (hpe) does not reach 50% of its servers. Look for a common cause: the "
            "management network, a gateway, a firewall."
        ),
    )


SCENARIOS = [
    Scenario(
        alert="ServerfleetServerHealthCritical",
        context=WEB_THERE,
        bad={
            **_health("critical"),
            **_component("memory", 2),
            **_component("fans", 2),
            **_component("health_led", 2),
        },
        good={**_health("warning"), **_component("memory", 1), **_component("fans", 0)},
        after=5,
        keeps=20,
        quiet=COM_DOWN,
        labels=of_web("critical", condition="health"),
        summary="web-01: health critical",
        description=f"{WEB_TEXT} reports critical health. Critical: fans, memory.",
    ),
    Scenario(
        alert="ServerfleetServerHealthWarning",
        context=WEB_THERE,
        bad={**_health("warning"), **_component("health_led", 1)},
        good=_health("critical"),
        after=15,
        keeps=20,
        quiet=COM_DOWN,
        labels=of_web("warning", condition="health"),
        summary="web-01: health warning",
        description=(
            f"{WEB_TEXT} reports a warning. No single component is reported with a warning."
        ),
    ),
    Scenario(
        alert="ServerfleetComponentCritical",
        context=WEB_THERE,
        bad=_component("fans", 2),
        good={**_component("fans", 1), **_component("health_led", 2)},
        after=10,
        quiet=COM_DOWN,
        labels=of_web("critical", condition="component", component="fans"),
        summary="web-01: fans critical",
        description=f"{WEB_TEXT} reports fans as critical.",
    ),
    Scenario(
        alert="ServerfleetComponentWarning",
        context=WEB_THERE,
        bad=_component("storage", 1),
        good={**_component("storage", 0), **_component("health_led", 1)},
        after=15,
        quiet=COM_DOWN,
        labels=of_web("warning", condition="component", component="storage"),
        summary="web-01: storage warning",
        description=f"{WEB_TEXT} reports a warning of storage.",
    ),
    Scenario(
        alert="ServerfleetManyServersCritical",
        context={COM_UP: 1},
        bad=_fleet(10, critical=3),
        good=_fleet(10, critical=2, warning=8),
        after=10,
        quiet=COM_DOWN,
        labels=of_com("critical"),
        summary="emea: 30% of the servers are critical",
        description=(
            "30% of the servers of emea (hpe) report critical health at once. Look for a common "
            "cause: cooling, power, a firmware roll-out."
        ),
    ),
    Scenario(
        alert="ServerfleetRedundancyLost",
        context=WEB_THERE,
        begins=10,
        past=_redundancy("redundant"),
        bad=_redundancy("non_redundant"),
        good=_redundancy("redundant"),
        after=20,
        quiet=COM_DOWN,
        labels=of_web("warning", condition="redundancy", component="fans"),
        summary="web-01: redundancy of fans lost",
        description=(
            "web-01 (source emea, serial CZ1, model ProLiant DL360 Gen11) has had no redundancy "
            "of fans for 25m 0s. The next failure may stop it."
        ),
    ),
    Scenario(
        alert="ServerfleetRedundancyFailed",
        context=WEB_THERE,
        bad=_redundancy("failed"),
        good=_redundancy("non_redundant"),
        after=10,
        quiet=COM_DOWN,
        labels=of_web("critical", condition="redundancy", component="fans"),
        summary="web-01: redundancy of fans failed",
        description=(
            f"{WEB_TEXT} reports the redundancy of fans as failed. It may be about to stop."
        ),
    ),
    _disconnected(
        bad={_CONNECTED: 0},
        good={_CONNECTED: 0, series("serverfleet_server_maintenance", WEB): 1},
    ),
    # The same server, with and without a subscription.
    _disconnected(
        bad={_CONNECTED: 0, **_subscription("subscribed")},
        good={_CONNECTED: 0, **_subscription("expired")},
    ),
    _many_disconnected(bad=_connections(of=6, lost=3), good=_connections(of=6, lost=2)),
    # A server without a subscription is not among the lost ones.
    _many_disconnected(
        bad={**_connections(of=6, lost=4), **_unsubscribed(1)},
        good={**_connections(of=6, lost=3), **_unsubscribed(1)},
    ),
    Scenario(
        alert="ServerfleetVendorAlertCritical",
        context=WEB_THERE,
        bad={series("serverfleet_server_alerts", WEB, severity="critical"): 2},
        good={
            series("serverfleet_server_alerts", WEB, severity="critical"): 0,
            series("serverfleet_server_alerts", WEB, severity="warning"): 5,
        },
        after=10,
        quiet=COM_DOWN,
        labels=of_web("critical"),
        summary="web-01: critical alerts are open in emea",
        description=f"Open critical alerts of {WEB_TEXT}: 2. The exporter's log has their text.",
    ),
    Scenario(
        alert="ServerfleetUnassignedAlertCritical",
        context={COM_UP: 1},
        bad={_UNASSIGNED: 1},
        good={_UNASSIGNED: 0},
        after=10,
        quiet=COM_DOWN,
        labels=of_com("warning"),
        summary="emea: critical alerts of other devices are open",
        description=(
            "Open critical alerts of emea (hpe) about devices that are not among the served "
            "servers (chassis, switches, gateways): 1."
        ),
    ),
    Scenario(
        alert="ServerfleetFirmwareUpdateFailed",
        context=WEB_THERE,
        bad=one_hot(_UPDATE, WEB, "ok failed skipped not_updated", "failed"),
        good=one_hot(_UPDATE, WEB, "ok failed skipped not_updated", "skipped"),
        after=10,
        quiet=COM_DOWN,
        labels=of_web("warning"),
        summary="web-01: the last firmware update failed",
        description=(
            "The last firmware update of web-01 (source emea, serial CZ1, model ProLiant DL360 "
            "Gen11) failed."
        ),
    ),
    Scenario(
        alert="ServerfleetGroupCritical",
        step=30,
        context={
            OME_UP: 1,
            **DB_INFO,
            series("serverfleet_group_servers", OME, group="web"): 5,
            series("serverfleet_server_group_info", DB, group="web"): 1,
        },
        bad={**_group_health("critical"), **_health("warning", DB)},
        good={**_group_health("critical"), **_health("critical", DB)},
        healed=_group_health("ok"),
        after=30,
        quiet=OME_DOWN,
        labels={"severity": "warning", "scope": "source", **OME, "group": "web"},
        summary="web: group critical, though none of its servers is",
        description=(
            "frankfurt (dell) calls the group web critical, while none of its servers is. The "
            "fault is of a device that is not watched: a chassis, a switch, a storage array, or a "
            "group beneath it."
        ),
    ),
]
