"""The calls to Compute Ops Management: one row each."""

from exporter.sources.calls import Call
from exporter.sources.com.records import (
    AlertRecord,
    ApplianceRecord,
    ComplianceRecord,
    EnergyRecord,
    GroupRecord,
    JobRecord,
    Page,
    UtilizationRecord,
    WarrantyRecord,
)
from exporter.sources.com.server_record import FirmwareRecord, ServerRecord
from exporter.sources.com.vocabulary import JOB_RESULTS, JOB_STATES

OPEN_ALERTS = "clearedAt eq null"

SERVERS = Call("v1/servers", ServerRecord, page=Page)
SERVER_PAGES = Call(SERVERS.endpoint, Page)
"""What a page itself says: how many servers there are."""
ALERTS = Call("v1/alerts", AlertRecord, page=Page, query=(OPEN_ALERTS,))
ALERTS_OF_SERVER = Call(
    "v1/servers/{id}/alerts",
    AlertRecord,
    page=Page,
    query=(OPEN_ALERTS,),
    families=frozenset({"serverfleet_server_alerts", "serverfleet_source_alerts"}),
    named=("server",),
    is_fallback=True,
)
ENERGY = Call("v1beta1/energy-by-entity", EnergyRecord, page=Page)
UTILIZATION = Call("v1beta1/utilization-by-entity", UtilizationRecord, page=Page)
GROUPS = Call("v1/groups", GroupRecord, page=Page)
FIRMWARE_COMPLIANCE = Call(
    "v1/groups/{id}/compliance",
    ComplianceRecord,
    page=Page,
    families=frozenset(
        {
            "serverfleet_server_firmware_compliance",
            "serverfleet_server_firmware_compliance_score_ratio",
        }
    ),
    within="compliance.",
)
SETTINGS_COMPLIANCE = Call(
    "v1beta3/groups/{id}/ilo-settings-compliance",
    ComplianceRecord,
    page=Page,
    families=frozenset({"serverfleet_server_config_compliance"}),
    within="ilo-settings-compliance.",
)
JOBS = Call("v1/jobs", JobRecord, page=Page)
GATEWAYS = Call("v1beta2/appliances", ApplianceRecord, page=Page, within="appliances.")
ONEVIEW = Call(
    "v1beta1/oneview-appliances", ApplianceRecord, page=Page, within="oneview-appliances."
)
FIRMWARE = Call("v1/servers", FirmwareRecord, page=Page)
WARRANTY = Call("v1beta2/server-warranty", WarrantyRecord, page=Page)

WORDS = frozenset(
    {
        "compute-ops-mgmt",
        "filters",
        "e7cef8e6-a3f6-4490-b669-136e3ca40617",
        "limit",
        "offset",
        "sort",
        "select",
        "filter",
        "start-date",
        "end-date",
        "sample-size",
        "resource-uri",
        "metric-type",
        "name",
        "1_HOUR",
        "1_DAY",
        "CPU_UTILIZATION",
        "MEMORY_BUS_UTILIZATION",
        "IO_BUS_UTILIZATION",
        "CPU_INTERCONNECT_UTILIZATION",
    }
) | {spelt for word in (*JOB_STATES, *JOB_RESULTS) for spelt in (word, word.lower())}
"""Words of requests that are the same for everybody; the id is that of the filter of all servers.
"""
