"""What does the name of a field promise about its value?

A promise is only the leave to look: a value is kept if its look is that of what is promised.
What is not named here is kept if it consists of the vocabulary alone, and replaced otherwise.
"""

import re
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
    "token", "password", "secret", "login",
)  # fmt: skip
"""Last words of names of fields."""
_LAST_WORD = re.compile(r"(?:[A-Z]+|[A-Z]?[a-z]+)$")
_IDS = ("id", "ids", "uuid", "guid", "number", "ordernumber", "wwn", "wwpn")
_LINKS = ("uri", "url", "link", "@odata.id", "href", "uris")
_MEASURED = (
    "power", "temperature", "headroom", "energy", "consumption", "percent", "progress", "rollup",
    "severity", "status", "size", "slot", "value", "duration", "voltage", "capacity", "speed",
    "percentage", "count", "rank", "buildnumber", "localchannel", "compliance",
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
    if any(part in name for part in _MEASURED):
        return Kind.MEASURED
    return Kind.ID if name in _IDS or last in _IDS else Kind.OTHER
