"""How is the simulated appliance set up? A few things that differ from one OME to another."""

from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Literal


@dataclass(slots=True)
class Appliance:
    """Settings; they may be changed at any time.

    `page_cap` shortens `$top` without a word. With `alert_orderby` off, alerts cannot be
    ordered, as on some builds. `zone` is that of the times that name none; `zone_given` says how
    `TimeConfiguration` states it: by name, by its clock, or as a number of the list. Without
    `power_manager` that plugin is not installed; its units are 1 (celsius, watts) or 2
    (fahrenheit, BTU an hour). With `compliance_words` the compliance of settings is written in
    words, as on older builds. Without `all_leaf_devices` there is no such list of a group.
    """

    page_cap: int = 1000
    alert_orderby: bool = True
    zone: tzinfo = field(default=UTC)
    zone_given: Literal["name", "clock", "list"] = "name"
    power_manager: bool = True
    temperature_unit: int = 1
    power_unit: int = 1
    gathering_minutes: int = 15
    compliance_words: bool = False
    all_leaf_devices: bool = True
