"""What does the name of a field promise about its value?

A promise is only the leave to look: a value is kept if its look is that of what is promised.
What is not named here is kept if it consists of the vocabulary alone, and replaced otherwise.
"""

import re
from collections.abc import Iterable
from enum import Enum, auto
from functools import lru_cache


class Kind(Enum):
    """What a field holds."""

    NAME = auto()
    """Whatever users write or machines are called: always replaced."""
    TECHNICAL = auto()
    """Products, versions, parts."""
    MEASURED = auto()
    """A number, also one that is written as a string."""
    ID = auto()
    """The number or text by which a thing is known."""
    CODE = auto()
    """A number that means the same everywhere."""
    LINK = auto()
    """A path or an address."""
    OTHER = auto()


_TECHNICAL_LIST = """
agentname alertmessageid alertmessagetype biosfamily bmcversion brandname branding
bundlegeneration busttype catalogname categoryname code componentid componentname
compliancecategory cron currentversion dateformat deprecation devicecontext devicedescription
devicemodel devicetypename driverversion errorcode expectedversion firmwareversion formfactor fqdd
generation inputpowerunits instanceid installedversion inventorytype license licensedescription
manufacturer memorytype messageid metrictype model modelname osdescription osname osversion
platform platformfamily processor processorvendor producttype productid publisher releaseversion
schedule servergeneration severityname samplesize softwaretype sourcename speed statusname
subcategoryname subsystem subsystemname type typedetails vendor vendorname version @odata.type
@odata.context
"""
_TECHNICAL = frozenset(_TECHNICAL_LIST.split())
_PARENTS_OF_TECHNICAL_NAMES = frozenset(
    {
        "firmwareinventory",
        "firmwareinventoryupdates",
        "softwareinventory",
        "jobstatus",
        "jobtype",
        "lastrunstatus",
        "type",
    }
)
_CODES_LIST = """
categoryid componentid componenttypeid definitionid devicetypeid jobstatusid membershiptypeid
numberofpages severityid slotnumber statusid subcategoryid systemid taskstatusid typeid vendorid
subvendorid pcideviceid subdeviceid pagenumber
"""
_CODES = frozenset(_CODES_LIST.split())
_NAMES = (
    "name", "names", "hostname", "host", "user", "by", "owner", "tag", "tags", "identifier",
    "serial", "serialnumber", "servicetag", "address", "addresses", "location", "room", "aisle",
    "datacenter", "description", "comment", "mail", "email", "contact", "key", "message", "title",
    "label",
    "text", "city", "street", "country", "province", "phone", "company", "customer",
    "group", "groups", "site", "organization", "department", "folder", "path", "share", "notes",
    "alias", "domain", "realm", "workspace", "tenant", "project", "rack", "args", "details",
    "token", "password", "secret", "login", "account", "ip", "ips", "ipv4", "ipv6", "mac",
    "telephone", "mobile", "fax", "zip", "zipcode", "postcode", "postalcode", "sitecode",
)  # fmt: skip
"""Last words of names of fields."""
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_COORDINATE = re.compile(
    r"x|y|lat|lon|lng|northing|easting|latitude|longitude|coord\w*|geo\w*|gps\w*|altitude|elevation"
)
_PLACES = frozenset({"address", "location", "place", "position", "site"})
_ACCOUNT = re.compile(r"(?:account|customer|contract).*(?:id|no|number|key|ref)$")
_HOLDING_COUNT = ("account", "country", "discount")
"""Words that hold another one, and mean no count."""
_LAST_WORD = re.compile(r"(?:[A-Z]+|[A-Z]?[a-z]+)$")
_IDS = ("id", "ids", "uuid", "guid", "number", "ordernumber", "wwn", "wwpn", "no", "uid", "imei")
_LINKS = ("uri", "url", "link", "@odata.id", "href", "uris")
_MEASURED = (
    "power", "temperature", "headroom", "energy", "consumption", "percent", "progress", "rollup",
    "severity", "status", "size", "slot", "value", "duration", "voltage", "capacity", "speed",
    "percentage", "count", "rank", "localchannel", "compliance",
)  # fmt: skip
"""Parts of names of fields whose strings may be plain numbers."""


@lru_cache(maxsize=4096)
def kind_of(field: str, parent: str = "") -> Kind:
    """Read the name of a field.

    Args:
        field: Its name.
        parent: The name of the field in which its object stands; those of lists do not count.
    """
    name, above = field.lower(), parent.lower()
    if name == "id" and above.endswith(("status", "type", "state")):
        return Kind.CODE
    if name == "name" and above in _PARENTS_OF_TECHNICAL_NAMES:
        return Kind.TECHNICAL
    for kind, names in ((Kind.TECHNICAL, _TECHNICAL), (Kind.CODE, _CODES)):
        if name in names:
            return kind
    found = _LAST_WORD.search(field)
    last = found[0].lower() if found else name
    for kind, words in ((Kind.LINK, _LINKS), (Kind.NAME, _NAMES)):
        if name in words or last in words:
            return kind
    if last in _IDS or name in _IDS or _ACCOUNT.search(name):
        return Kind.MEASURED if name == "buildnumber" else Kind.ID
    return Kind.MEASURED if has_part(field, _MEASURED) else Kind.OTHER


def has_part(field: str, parts: Iterable[str]) -> bool:
    """Return whether the name of a field contains one of these parts."""
    name = field.lower()
    for other in _HOLDING_COUNT:
        name = name.replace(other, "")
    return any(part in name for part in parts)


@lru_cache(maxsize=4096)
def is_coordinate(field: str) -> bool:
    """Return whether a field holds a geographic coordinate."""
    words = {word.lower() for word in _WORD.findall(field)}
    return field.lower() == "long" or any(_COORDINATE.fullmatch(word) for word in words)


@lru_cache(maxsize=4096)
def is_place(field: str) -> bool:
    """Return whether a field holds a place, in which any fraction can be a coordinate."""
    return is_coordinate(field) or not _PLACES.isdisjoint(map(str.lower, _WORD.findall(field)))
