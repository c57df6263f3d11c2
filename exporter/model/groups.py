"""Which groups are there, how are they, and who is in them?"""

from msgspec import Struct

from exporter.model.status import Health


class GroupMembership(Struct, frozen=True, gc=False):
    """Names of the groups that a server is in, sorted."""

    groups: tuple[str, ...]


class GroupSizes(Struct, frozen=True, gc=False):
    """Members by group, as the API counts them."""

    members: tuple[tuple[str, int], ...]


class GroupHealths(Struct, frozen=True, gc=False):
    """Health by group."""

    states: tuple[tuple[str, Health], ...]
