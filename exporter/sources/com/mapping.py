"""Records of COM as values of the model."""

from collections.abc import Mapping
from functools import lru_cache

from msgspec import Struct

from exporter.model import (
    Alert,
    AlertSeverity,
    Components,
    Description,
    Energy,
    FirmwareUpdate,
    Health,
    Location,
    Memory,
    PowerState,
    Redundancy,
    Server,
    Status,
    Subscription,
)
from exporter.sources.com.records import AlertRecord, EnergyRecord, Measure, devices_named
from exporter.sources.com.server_record import Bmc, Hardware, Host, ServerRecord, State, UserDefined
from exporter.sources.com.vocabulary import (
    ALERT_SEVERITY,
    COMPONENTS,
    ENERGY_IS_COMPLETE,
    FIRMWARE_UPDATE,
    HEALTH,
    HEALTH_KEYS,
    POWER,
    REDUNDANCY,
    REDUNDANT_COMPONENTS,
    SEVERITY,
    SUBSCRIPTION,
    amount,
    instant,
    is_unreadable,
    meaning,
)
from exporter.sources.drift import OTHER, Drift, Unseen
from exporter.sources.redaction import hidden
from exporter.sources.text import clean, without_brackets
from exporter.sources.values import shared

MEBIBYTE = 2**20
JOULES_PER_KWH = 3.6e6
GRAMS_PER_KG = 1000.0


class ServerReadings(Struct, frozen=True, gc=False):
    """Everything that one server record says; a facet is None where nothing of it is said."""

    server: Server
    description: Description
    status: Status
    memory: Memory | None
    components: Components | None
    redundancy: Redundancy | None
    subscription: Subscription | None
    firmware_update: FirmwareUpdate | None
    unreadable: int = 0
    """Times that cannot be read."""


class EnergyReading(Struct, frozen=True, gc=False):
    """What one energy record says; `energy` is None where the window is incomplete or empty."""

    id: str
    energy: Energy | None
    location: Location | None


def readings_from(record: ServerRecord, unseen: Unseen) -> ServerReadings:
    """Map a server."""
    server = _server(record)
    components, redundancy, drift = parts_from(record.hardware)
    unseen.add(drift)
    status = _status(record, unseen)
    subscription = _subscription(record.state, unseen) if record.state else None
    return ServerReadings(
        server=server,
        description=_description(record, server.id),
        status=status,
        memory=_memory(record.hardware.memory_mb) if record.hardware else None,
        components=components,
        redundancy=redundancy,
        subscription=subscription,
        firmware_update=_firmware_update(record, unseen),
        unreadable=_unreadable(record, status, subscription),
    )


def alert_from(
    record: AlertRecord, names: Mapping[str, str], unseen: Unseen, device: str = ""
) -> Alert:
    """Map an alert.

    Args:
        record: The alert.
        names: The name of each known server by id.
        unseen: Takes a severity that is not known.
        device: The server whose list the alert stands in; without it the record names the device.
    """
    device = device or _device_of(record, names)
    severity = meaning(record.severity, ALERT_SEVERITY, "severity", unseen, AlertSeverity.INFO)
    return Alert(
        id=hidden(record.id),
        severity=severity or AlertSeverity.INFO,
        device=device,
        device_name=names.get(device, ""),
        message=clean(record.message) or clean(record.description),
    )


def is_cleared(record: AlertRecord) -> bool:
    """Tell whether an alert is over."""
    return bool(record.cleared) or instant(record.cleared_at) is not None


def energy_reading_from(record: EnergyRecord, unseen: Unseen) -> EnergyReading:
    """Map the energy of a server in one window."""
    place = clean(record.entity_details.location) if record.entity_details else ""
    is_complete = meaning(record.status, ENERGY_IS_COMPLETE, "status", unseen, False)
    return EnergyReading(
        id=record.id,
        energy=_energy(record) if is_complete else None,
        location=Location(location=place) if place else None,
    )


def serial_from_id(server_id: str) -> str:
    """Take the serial number out of an id, which is `productId+serialNumber`."""
    return clean(server_id.rpartition("+")[2]) or hidden(server_id)


def _device_of(record: AlertRecord, names: Mapping[str, str]) -> str:
    """Return the known server that an alert names; else whatever it names, or an empty string."""
    named = devices_named(record)
    return next((each for each in named if each in names), next(iter(named), ""))


def _server(record: ServerRecord) -> Server:
    serial = clean(record.hardware.serial_number) if record.hardware else ""
    # Without a subscription the id is all there is.
    serial = serial or serial_from_id(record.id)
    hostname = clean(record.host.hostname) if record.host else ""
    return Server(
        id=hidden(record.id), serial=serial, name=clean(record.name) or hostname or serial
    )


def _description(record: ServerRecord, id: str) -> Description:
    hardware = record.hardware or Hardware()
    host = record.host or Host()
    bmc = hardware.bmc or Bmc()
    user_defined = bmc.user_defined or UserDefined()
    words = (clean(host.os_name), clean(host.os_version))
    return Description(
        id=id,
        model=clean(hardware.model),
        generation=clean(record.server_generation),
        processor=clean(record.processor_vendor),
        hostname=clean(host.hostname),
        os=" ".join(word for word in words if word),
        bmc_address=without_brackets(clean(bmc.ip) or clean(user_defined.host)),
        bmc_model=clean(bmc.model),
        bmc_version=clean(bmc.version),
    )


def _status(record: ServerRecord, unseen: Unseen) -> Status:
    hardware = record.hardware or Hardware()
    state = record.state or State()
    summary = (hardware.health or {}).get("summary")
    return Status(
        health=meaning(summary, HEALTH, "hardware.health.summary", unseen, Health.UNKNOWN),
        power=meaning(
            hardware.power_state, POWER, "hardware.powerState", unseen, PowerState.UNKNOWN
        ),
        connected=state.connected,
        managed=state.managed,
        maintenance=_maintenance(record),
        inventory_at=instant(record.last_full_inventory_collection_at),
    )


def _unreadable(record: ServerRecord, status: Status, subscription: Subscription | None) -> int:
    """Count the times that cannot be read; those that could be read are not looked at again."""
    texts = []
    if status.inventory_at is None:
        texts.append(record.last_full_inventory_collection_at)
    if record.state and (subscription is None or subscription.end is None):
        texts.append(record.state.subscription_expires_at)
    return sum(map(is_unreadable, texts))


def _maintenance(record: ServerRecord) -> bool | None:
    """Tell whether a server is in maintenance in COM or OneView; None where neither says."""
    of_oneview = record.oneview.maintenance_mode if record.oneview else None
    if record.maintenance_mode is None:
        return of_oneview
    return record.maintenance_mode or bool(of_oneview)


def _memory(mebibytes: object) -> Memory | None:
    """Read `memoryMb`, which is in MiB; no server has none."""
    found = amount(mebibytes)
    return shared(Memory(int(found * MEBIBYTE))) if found else None


def _subscription(state: State, unseen: Unseen) -> Subscription | None:
    licence = meaning(
        state.subscription_state, SUBSCRIPTION, "state.subscriptionState", unseen, None
    )
    end = instant(state.subscription_expires_at)
    if licence is None and end is None:
        return None
    # Title case in v1beta2, upper case in v1.
    return Subscription(state=licence, tier=clean(state.subscription_tier).lower(), end=end)


def _firmware_update(record: ServerRecord, unseen: Unseen) -> FirmwareUpdate | None:
    if record.last_firmware_update is None:
        return None
    state = meaning(
        record.last_firmware_update.status,
        FIRMWARE_UPDATE,
        "lastFirmwareUpdate.status",
        unseen,
        None,
    )
    return FirmwareUpdate(state) if state else None


def _energy(record: EnergyRecord) -> Energy | None:
    # Rounding drops what the conversion adds, not what was measured.
    energy = Energy(
        joules=_converted(record.kwh, JOULES_PER_KWH, 3),
        grams_co2e=_converted(record.co2e_kg, GRAMS_PER_KG, 6),
        cost_usd=_converted(record.cost, 1.0, 9),
    )
    return None if energy == Energy() else energy


def _converted(measure: Measure | None, factor: float, digits: int) -> float | None:
    """Return what was collected, in another unit; None where it is no quantity."""
    found = None if measure is None else amount(measure.collected)
    return None if found is None else round(found * factor, digits)


MOST_KEYS = 64
LONGEST_WORD = 64
"""Of sets of states that are remembered: an API that sends more has other reasons."""

Parts = tuple[Components | None, Redundancy | None, Drift]


def parts_from(hardware: Hardware | None) -> Parts:
    """Read the states of the parts, and what of them is not known.

    A fleet has few distinct sets of states, so that reading each of them once is enough.
    """
    health = (hardware.health if hardware else None) or {}
    if len(health) > MOST_KEYS:
        known = {key: health[key] for key in HEALTH_KEYS if key in health}
        health = {**known, OTHER: None}
    states = tuple(health.items())
    try:
        return _parts_once(states)
    except TypeError:  # an array or an object stands where a word should, or something very long
        return _parts(states)


@lru_cache(maxsize=4096)
def _parts_once(health: tuple[tuple[str, object], ...]) -> Parts:
    if any(len(word) > LONGEST_WORD for pair in health for word in pair if isinstance(word, str)):
        raise TypeError("too long to be remembered")
    return _parts(health)


def _parts(health: tuple[tuple[str, object], ...]) -> Parts:
    words, unseen = dict(health), Unseen()
    for key in words.keys() - HEALTH_KEYS:
        unseen.note("hardware.health", key)
    return _components(words, unseen), _redundancy(words, unseen), unseen.drift


def _components(health: Mapping[str, object], unseen: Unseen) -> Components | None:
    found = (
        (name, meaning(health.get(key), SEVERITY, f"hardware.health.{key}", unseen, None))
        for key, name in COMPONENTS.items()
    )
    severities = sorted((name, severity) for name, severity in found if severity is not None)
    return shared(Components(tuple(severities))) if severities else None


def _redundancy(health: Mapping[str, object], unseen: Unseen) -> Redundancy | None:
    found = (
        (name, meaning(health.get(key), REDUNDANCY, f"hardware.health.{key}", unseen, None))
        for key, name in REDUNDANT_COMPONENTS.items()
    )
    states = sorted((name, state) for name, state in found if state is not None)
    return shared(Redundancy(tuple(states))) if states else None
