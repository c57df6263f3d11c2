"""How is the simulated appliance set up? A few things that differ from one OME to another."""

from dataclasses import dataclass, field
from datetime import UTC, tzinfo


@dataclass(slots=True)
class Appliance:
    """Settings; they may be changed at any time.

    `page_cap` shortens `$top` without a word. With `alert_orderby` off, alerts cannot be
    ordered, as on some builds. `zone` is that of the times that name none.
    """

    page_cap: int = 1000
    alert_orderby: bool = True
    zone: tzinfo = field(default=UTC)
