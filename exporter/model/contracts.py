"""Until when are a server's licence and support valid?"""

from enum import StrEnum

from msgspec import Struct


class SubscriptionState(StrEnum):
    """Whether the vendor's management licence is valid for a server."""

    SUBSCRIBED = "subscribed"
    REQUIRED = "required"
    EXPIRED = "expired"


class Subscription(Struct, frozen=True, gc=False, kw_only=True):
    """The management licence of one server."""

    state: SubscriptionState | None = None
    tier: str = ""
    end: float | None = None
    """Unix seconds."""


class Warranty(Struct, frozen=True, gc=False):
    """Unix seconds at which the support of a server ends."""

    end: float
