"""Identity of the appliances between COM and its servers, and their records in COM's two lists.

`id` is a bare UUID; other records name an appliance by its device id, which begins with its kind.
"""

from dataclasses import dataclass
from typing import Any, Final

from exporter.simulators.com.times import offset_time
from exporter.simulators.hashing import uuid_text

_SALTS: Final = {"gateway": 807, "oneview": 808}
_MODELS: Final = {
    "gateway": "HPE Compute Ops Management secure gateway",
    "oneview": "HPE OneView VM - VMware vSphere",
}
_ADDED_AT: Final = 1.74e9


@dataclass(frozen=True, slots=True)
class Appliance:
    """A secure gateway or a OneView appliance; `number` 0 is the one that servers refer to."""

    kind: str
    number: int

    @property
    def id(self) -> str:
        """The primary identifier, a UUID."""
        return uuid_text(_SALTS[self.kind], self.number)

    @property
    def device_id(self) -> str:
        """Product id and serial number, as for servers."""
        return f"{self.kind}+{self.id}"

    @property
    def uri(self) -> str:
        """The address in the records of servers."""
        return f"/compute-ops-mgmt/v1beta1/appliances/{self.device_id}"

    @property
    def hostname(self) -> str:
        """The full name, which is also the name that is shown."""
        return f"{self.kind}-{self.number:02d}.example.net"


GATEWAY: Final = Appliance("gateway", 0)
ONEVIEW: Final = Appliance("oneview", 0)


def gateway_record(appliance: Appliance, state: str) -> dict[str, Any]:
    """Return an item of `v1beta2/appliances`."""
    record = {
        **_record(appliance, state),
        "type": "compute-ops-mgmt/appliance",
        "deviceId": appliance.device_id,
        "ipAddress": "192.0.2.7",
        "version": "1.6.0",
        "applianceType": "GATEWAY",
        "applianceMode": "NORMAL",
    }
    if state == "DISCONNECTED":
        record["lastDisconnectedAt"] = offset_time(_ADDED_AT + 7200)
    return record


def oneview_record(appliance: Appliance, state: str) -> dict[str, Any]:
    """Return an item of `v1beta1/oneview-appliances`, whose keys are spelt differently."""
    return {
        **_record(appliance, state),
        "type": "compute-ops-mgmt/oneview-appliance",
        "device-id": appliance.device_id,
        "ipaddress": "192.0.2.8",
        "version": "8.00.00",
        "complianceState": ("Compliant", "Not_compliant", "Unknown")[appliance.number % 3],
    }


def _record(appliance: Appliance, state: str) -> dict[str, Any]:
    return {
        "id": appliance.id,
        "name": appliance.hostname,
        "hostname": appliance.hostname,
        "productId": appliance.kind,
        "modelNumber": _MODELS[appliance.kind],
        "generation": 1 + appliance.number,
        "createdAt": offset_time(_ADDED_AT),
        "updatedAt": offset_time(_ADDED_AT + 3600),
        "state": state,
    }
