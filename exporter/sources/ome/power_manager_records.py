"""The fields of Power Manager's answers that are read, and what each of them is for."""

from typing import Annotated

from msgspec import Raw, Struct, json

from exporter.sources.fields import EXPECTED, TIME, decides, feeds, known
from exporter.sources.ome.records import Id
from exporter.sources.ome.vocabulary import POWER_MANAGER, TEMPERATURES, WATTS, unit_of

_WATTS = "serverfleet_server_power_watts"
_TEMPERATURE = "serverfleet_server_temperature_celsius"
_ALL = (_WATTS, _TEMPERATURE, "serverfleet_server_utilization_ratio")


class PluginRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An item of `PluginService/Plugins`."""

    id: Annotated[str, decides(*_ALL), known((POWER_MANAGER,))]
    installed: Annotated[bool | None, decides(*_ALL)] = None
    enabled: Annotated[bool | None, decides(*_ALL)] = None


class PowerSettingRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An item of `PowerService/Settings`."""

    id: Annotated[float | str, feeds(_WATTS, _TEMPERATURE)]
    value: Annotated[
        float | str | None,
        feeds(_WATTS, _TEMPERATURE),
        known(lambda text: unit_of(text) in WATTS or unit_of(text) in TEMPERATURES),
    ] = None


class MonitoredRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """An item of `PowerService/MonitoredDevices`."""

    id: Annotated[Id, feeds(*_ALL, label="serial", choice=1)]
    service_tag: Annotated[str | None, EXPECTED, feeds(*_ALL, label="serial", choice=2)] = None


class MetricsRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """The answer of `MetricService/Metrics`; null where the device is not monitored."""

    value: list[Raw] | None = None


class MetricRecord(Struct, frozen=True, gc=False, rename="pascal"):
    """A row of `MetricService/Metrics`."""

    type: Annotated[float | str, feeds(*_ALL)]
    value: Annotated[float | str | None, EXPECTED, feeds(*_ALL)] = None
    timestamp: Annotated[str | None, EXPECTED, decides(*_ALL), TIME] = None


PLUGIN = json.Decoder(PluginRecord)
POWER_SETTING = json.Decoder(PowerSettingRecord)
MONITORED = json.Decoder(MonitoredRecord)
METRIC = json.Decoder(MetricRecord)
METRICS = json.Decoder(MetricsRecord)
