"""HPE Compute Ops Management."""

from exporter.sources.alerts import AlertSettings
from exporter.sources.com import calls
from exporter.sources.com.alerts import Alerts
from exporter.sources.com.appliances import ApplianceStates
from exporter.sources.com.energy import EnergyUse
from exporter.sources.com.energy_windows import EnergyArchive
from exporter.sources.com.firmware import FirmwareVersions
from exporter.sources.com.groups import Groups
from exporter.sources.com.jobs import JobCounts
from exporter.sources.com.refusals import ErrorBody
from exporter.sources.com.servers import Servers
from exporter.sources.com.settings import ComFirmware, ComSettings
from exporter.sources.com.source import STAND_IN, connect
from exporter.sources.com.utilization import UtilizationUse
from exporter.sources.com.warranty import Warranties
from exporter.sources.contract import CollectorSpec, EnergyReadings, SourceType

SOURCE = SourceType(
    vendor="hpe",
    own_settings=ComSettings,
    connect=connect,
    stand_in=STAND_IN,
    specs=(
        CollectorSpec("servers", 60.0, Servers, (calls.SERVERS, calls.SERVER_PAGES)),
        CollectorSpec(
            "alerts", 60.0, Alerts, (calls.ALERTS, calls.ALERTS_OF_SERVER), AlertSettings
        ),
        CollectorSpec("energy", 3600.0, EnergyUse, (calls.ENERGY,)),
        CollectorSpec("utilization", 3600.0, UtilizationUse, (calls.UTILIZATION,)),
        CollectorSpec(
            "groups",
            600.0,
            Groups,
            (calls.GROUPS, calls.FIRMWARE_COMPLIANCE, calls.SETTINGS_COMPLIANCE),
        ),
        CollectorSpec("jobs", 300.0, JobCounts, (calls.JOBS,)),
        CollectorSpec("appliances", 300.0, ApplianceStates, (calls.GATEWAYS, calls.ONEVIEW)),
        CollectorSpec("firmware", 6 * 3600.0, FirmwareVersions, (calls.FIRMWARE,), ComFirmware),
        CollectorSpec("warranty", 86400.0, Warranties, (calls.WARRANTY,)),
    ),
    error=ErrorBody,
    words=calls.WORDS,
    energy=EnergyReadings("energy", lambda source: EnergyArchive(source.parts.energy)),
)
