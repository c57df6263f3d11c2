"""Where does a server stand, and to which groups does it belong?"""

from exporter.catalogue.family import CACHED, Family, each, info
from exporter.model import GroupMembership, Location

PLACE_FAMILIES: tuple[Family, ...] = (
    info(
        "serverfleet_server_location_info",
        "Where the server stands; always 1. HPE: entityDetails.location of energy-by-entity; "
        "Dell: deviceLocation inventory." + CACHED,
        Location,
        ("location", "room", "aisle", "rack", "slot"),
    ),
    each(
        "serverfleet_server_group_info",
        "A group that the server is in; always 1. HPE: devices of v1/groups; Dell: user groups."
        + CACHED,
        GroupMembership,
        "group",
        lambda item: tuple((group, 1) for group in item.groups),
    ),
)
