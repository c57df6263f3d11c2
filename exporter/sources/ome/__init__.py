"""Dell OpenManage Enterprise."""

from exporter.sources.alerts import AlertSettings
from exporter.sources.contract import CollectorSpec, EnergyReadings, SourceType
from exporter.sources.ome import calls
from exporter.sources.ome.alerts import AlertsCollector
from exporter.sources.ome.appliance import ApplianceCollector
from exporter.sources.ome.compliance import ComplianceCollector
from exporter.sources.ome.devices import DevicesCollector
from exporter.sources.ome.groups import GroupsCollector
from exporter.sources.ome.hardware import HardwareCollector
from exporter.sources.ome.health import HealthCollector
from exporter.sources.ome.jobs import JobsCollector
from exporter.sources.ome.power import PowerCollector
from exporter.sources.ome.power_manager import PowerManagerCollector
from exporter.sources.ome.refusals import ErrorRecord
from exporter.sources.ome.settings import OmeHealth, OmeSettings
from exporter.sources.ome.source import STAND_IN, connect
from exporter.sources.ome.warranty import WarrantyCollector

SOURCE = SourceType(
    vendor="dell",
    own_settings=OmeSettings,
    connect=connect,
    stand_in=STAND_IN,
    specs=(
        CollectorSpec(
            "devices",
            60.0,
            DevicesCollector,
            (
                calls.DEVICES,
                calls.DEVICE_PAGES,
                calls.SYSTEMS,
                calls.TIME_CONFIGURATION,
                calls.TIME_ZONES,
            ),
        ),
        CollectorSpec("alerts", 60.0, AlertsCollector, (calls.ALERTS,), AlertSettings),
        CollectorSpec("health", 300.0, HealthCollector, (calls.SUBSYSTEMS,), OmeHealth),
        CollectorSpec("power", 300.0, PowerCollector, (calls.POWER, calls.TEMPERATURE)),
        CollectorSpec(
            "power_manager",
            900.0,
            PowerManagerCollector,
            (calls.METRICS, calls.MONITORED, calls.POWER_SETTINGS, calls.PLUGINS),
        ),
        CollectorSpec(
            "groups", 600.0, GroupsCollector, (calls.GROUPS, calls.MEMBERS, calls.DIRECT_MEMBERS)
        ),
        CollectorSpec(
            "compliance",
            1800.0,
            ComplianceCollector,
            (
                calls.FIRMWARE_BASELINES,
                calls.CONFIG_BASELINES,
                calls.FIRMWARE_REPORTS,
                calls.CONFIG_REPORTS,
            ),
        ),
        CollectorSpec("warranty", 86400.0, WarrantyCollector, (calls.WARRANTIES,)),
        CollectorSpec("jobs", 300.0, JobsCollector, (calls.JOBS,)),
        CollectorSpec(
            "hardware",
            6 * 3600.0,
            HardwareCollector,
            (calls.MODULES, calls.SOFTWARE, calls.LOCATIONS),
        ),
        CollectorSpec("appliance", 3600.0, ApplianceCollector, (calls.INFO,)),
    ),
    error=ErrorRecord,
    words=calls.WORDS,
    energy=EnergyReadings("power"),
    zone=lambda source: source.parts.zone.status,
)
