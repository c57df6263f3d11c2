"""The fields of `v1/servers` that are read, and what each of them is for.

A server without a subscription has next to none of them.
"""

import re
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from exporter.sources.com.vocabulary import (
    COMPONENTS,
    FIRMWARE_UPDATE,
    HEALTH,
    POWER,
    REDUNDANCY,
    REDUNDANT_COMPONENTS,
    SEVERITY,
    SUBSCRIPTION,
    normal,
)
from exporter.sources.fields import (
    EXPECTED,
    IDENTITY,
    NAME,
    TIME,
    VERSION,
    Keys,
    decides,
    expected,
    feeds,
    known,
)

_UNPRINTABLE = (
    r"\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff"
    r"\ufff9-\ufffb\U000e0000-\U000e007f"
)
_IN_LINE = rf"[^{_UNPRINTABLE}]*"
Id = Annotated[
    str, Meta(pattern=rf"^{_IN_LINE}[^\s{_UNPRINTABLE}]{_IN_LINE}\Z", max_length=256), NAME
]
"""Becomes a label value and a part of a path as it is, so it has to be a line of bounded length."""

_INFO = "serverfleet_server_info"
_SUBSCRIPTION_END = "serverfleet_server_subscription_end_timestamp_seconds"
_FIRMWARE = "serverfleet_server_firmware_info"
_GENERATION = re.compile(r"GEN_?\d{1,2}(_PLUS)?", re.ASCII)
_OWN_FIRMWARE = re.compile(r"system rom|iLO( \d)?", re.IGNORECASE | re.ASCII)
"""Names of firmware that mean the same on every server."""


def _is_told(record: "ServerRecord") -> bool:
    """Report whether COM has all of a server: it is subscribed, and connected."""
    state = record.state
    return bool(state and state.connected and normal(state.subscription_state) == "SUBSCRIBED")


def _is_third_party(record: "ServerRecord") -> bool:
    """Report whether the address of a server is the one that its user has entered."""
    bmc = record.hardware.bmc if record.hardware else None
    return bool(bmc and bmc.user_defined and bmc.user_defined.host)


class UserDefined(Struct, gc=False):
    """`hardware.bmc.userDefined`; it may hold a password, so nothing else of it is read."""

    host: Annotated[str | None, feeds(_INFO, label="bmc_address", choice=2)] = None


class Bmc(Struct, rename="camel", gc=False):
    """`hardware.bmc`; a third-party server has its address in `userDefined`."""

    ip: Annotated[
        str | None,
        expected(otherwise=_is_third_party),
        feeds(_INFO, label="bmc_address", choice=1),
    ] = None
    model: Annotated[str | None, feeds(_INFO, label="bmc_model")] = None
    version: Annotated[str | None, feeds(_INFO, label="bmc_version"), VERSION] = None
    user_defined: UserDefined | None = None


class Hardware(Struct, rename="camel", gc=False):
    """`hardware`; missing as a whole without a subscription."""

    serial_number: Annotated[str | None, EXPECTED, feeds(IDENTITY, label="serial", choice=1)] = None
    model: Annotated[str | None, EXPECTED, feeds(_INFO, label="model")] = None
    memory_mb: Annotated[object, feeds("serverfleet_server_memory_bytes")] = None
    power_state: Annotated[
        str | None,
        expected(when=_is_told),
        feeds("serverfleet_server_power_state"),
        known(POWER),
    ] = None
    health: Annotated[
        dict[str, object] | None,
        expected(when=_is_told),
        Keys(
            {
                "summary": (
                    expected(when=_is_told),
                    feeds("serverfleet_server_health"),
                    known(HEALTH),
                ),
                **dict.fromkeys(
                    COMPONENTS,
                    (feeds("serverfleet_server_component_health_severity"), known(SEVERITY)),
                ),
                **dict.fromkeys(
                    REDUNDANT_COMPONENTS,
                    (feeds("serverfleet_server_redundancy"), known(REDUNDANCY)),
                ),
            }
        ),
    ] = None
    bmc: Bmc | None = None


class Host(Struct, rename="camel", gc=False):
    """`host`: the operating system."""

    hostname: Annotated[
        str | None, feeds(IDENTITY, label="server", choice=2), feeds(_INFO, label="hostname")
    ] = None
    os_name: Annotated[str | None, feeds(_INFO, label="os")] = None
    os_version: Annotated[str | None, feeds(_INFO, label="os")] = None


class State(Struct, rename="camel", gc=False):
    """`state`: the relation of a server to the management plane."""

    managed: Annotated[bool | None, EXPECTED, feeds("serverfleet_server_managed")] = None
    connected: Annotated[bool | None, EXPECTED, feeds("serverfleet_server_connected")] = None
    subscription_state: Annotated[
        str | None, EXPECTED, feeds("serverfleet_server_subscription"), known(SUBSCRIPTION)
    ] = None
    subscription_tier: Annotated[
        str | None,
        feeds(_SUBSCRIPTION_END, label="tier"),
        known(("STANDARD", "ENHANCED", "ADVANCED")),
    ] = None
    subscription_expires_at: Annotated[str | None, feeds(_SUBSCRIPTION_END), TIME] = None


class LastFirmwareUpdate(Struct, rename="camel", gc=False):
    """`lastFirmwareUpdate`."""

    status: Annotated[
        str | None,
        EXPECTED,
        feeds("serverfleet_server_firmware_update"),
        known(FIRMWARE_UPDATE),
    ] = None


class OneView(Struct, rename="camel", gc=False):
    """`oneview`: what the OneView appliance of a server says of it."""

    maintenance_mode: Annotated[bool | None, feeds("serverfleet_server_maintenance", choice=2)] = (
        None
    )


class ServerRecord(Struct, rename="camel", gc=False):
    """One item of `v1/servers`."""

    id: Annotated[
        Id,
        feeds(IDENTITY, label="serial", choice=2),
        feeds(_INFO, label="id"),
        feeds("serverfleet_source_servers"),
    ]
    name: Annotated[str | None, EXPECTED, feeds(IDENTITY, label="server", choice=1)] = None
    hardware: Annotated[Hardware | None, expected(when=_is_told)] = None
    host: Host | None = None
    state: Annotated[State | None, EXPECTED] = None
    maintenance_mode: Annotated[bool | None, feeds("serverfleet_server_maintenance", choice=1)] = (
        None
    )
    oneview: OneView | None = None
    processor_vendor: Annotated[str | None, feeds(_INFO, label="processor")] = None
    server_generation: Annotated[
        str | None,
        expected(when=_is_told),
        feeds(_INFO, label="generation"),
        known(lambda text: _GENERATION.fullmatch(text) is not None),
    ] = None
    last_full_inventory_collection_at: Annotated[
        str | None, feeds("serverfleet_server_inventory_timestamp_seconds"), TIME
    ] = None
    last_firmware_update: LastFirmwareUpdate | None = None


class FirmwareItem(Struct, gc=False):
    """One of `firmwareInventory`."""

    name: Annotated[
        str | None,
        EXPECTED,
        feeds(_FIRMWARE, label="component"),
        known(lambda text: _OWN_FIRMWARE.fullmatch(text) is not None),
    ] = None
    version: Annotated[str | None, EXPECTED, feeds(_FIRMWARE, label="version"), VERSION] = None


class FirmwareRecord(Struct, rename={"firmware_inventory": "firmwareInventory"}, gc=False):
    """One item of `v1/servers`, with its firmware alone."""

    id: Annotated[Id, decides(_FIRMWARE)]
    firmware_inventory: Annotated[list[FirmwareItem] | None, EXPECTED] = None


server_decoder = msgspec.json.Decoder(ServerRecord)
firmware_decoder = msgspec.json.Decoder(FirmwareRecord)
