"""The BMC of every server as a target of HTTP service discovery.

They are written when identities change, by source and model, so that an answer, also a narrowed
one, joins ready bytes.
"""

import asyncio
import hashlib
import ipaddress
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from exporter.exposition.crc import checksum
from exporter.exposition.gzipped import Body, Text
from exporter.model import Description, Inventory, Server
from exporter.slices import Slices

BEGIN, SEPARATOR, END = Text.of(b"[\n"), Text.of(b",\n"), Text.of(b"\n]\n")
PREFIX = "__meta_serverfleet_"
_NAME = re.compile(r"[0-9A-Za-z]([0-9A-Za-z_.-]{0,252}[0-9A-Za-z])?")
_DESCRIBED = (
    "id",
    "model",
    "generation",
    "hostname",
    "bmc_model",
    "bmc_version",
    "chassis",
    "device_type",
)


def target_of(address: str) -> str:
    """Write a BMC's address as a target without port; an IPv6 address is put in brackets.

    What is neither an address that could be reached from elsewhere nor a host name gives the
    empty string: vendors list places such as 0.0.0.0 and link-local addresses too.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        # What is all digits and dots was meant as an address.
        is_name = _NAME.fullmatch(address) and not re.fullmatch(r"[\d.]+", address)
        return address if is_name else ""
    # A scope such as %eth0 is of one machine, and may hold any character.
    if "%" in address or ip.is_unspecified or ip.is_loopback or ip.is_link_local or ip.is_multicast:
        return ""
    return f"[{ip}]" if ip.version == 6 else str(ip)


def group_of(
    source: str, vendor: str, server: Server, description: Description
) -> Mapping[str, object] | None:
    """Describe a server as a target group; None where it has no usable BMC address."""
    target = target_of(description.bmc_address)
    if not target:
        return None
    labels = {
        "source": source,
        "vendor": vendor,
        "serial": server.serial,
        "server": server.name,
        "bmc_address": target.strip("[]"),
        **{name: getattr(description, name) for name in _DESCRIBED},
    }
    # An empty label is the same as none.
    return {
        "targets": [target],
        "labels": {PREFIX + name: text for name, text in labels.items() if text},
    }


@dataclass(frozen=True, slots=True)
class Listed:
    """The groups of one source."""

    inventory: Inventory
    by_model: Mapping[str, Text]
    """The groups of each model, behind one another; no text is empty."""


@dataclass(frozen=True, slots=True)
class Page:
    """A whole answer, of ready parts."""

    parts: tuple[Text, ...]

    @property
    def tag(self) -> str:
        """A word that changes with the content."""
        digest = hashlib.blake2b(digest_size=12)
        for part in self.parts:
            digest.update(part.deflated)
        return digest.hexdigest()

    def body(self, *, compressed: bool) -> bytes:
        """Return the bytes of the answer."""
        if not compressed:
            return b"".join((*(part.plain for part in self.parts), END.plain))
        crc = 0
        for part in self.parts:
            crc = checksum(part.plain, crc)
        pieces = b"".join(part.deflated for part in self.parts)
        length = sum(len(part.plain) for part in self.parts)
        return b"".join(Body(pieces, crc, length).compressed(END).parts)


@dataclass(frozen=True, slots=True)
class Found:
    """A source whose targets are asked for."""

    name: str
    vendor: str
    inventory: Inventory


class Targets:
    """Keeps the written groups of every source."""

    def __init__(self) -> None:
        """Begin with nothing written."""
        self._listed: dict[str, Listed] = {}
        self._turn = asyncio.Lock()

    async def page(self, sources: Sequence[Found], models: Collection[str] | None) -> Page:
        """Return the groups of some sources, narrowed to some models if asked."""
        texts: list[Text] = []
        for found in sources:
            by_model = (await self._up_to_date(found)).by_model
            texts += [text for model, text in by_model.items() if models is None or model in models]
        return Page((BEGIN, *_separated(texts)))

    def keep(self, names: Collection[str]) -> None:
        """Let go of the sources that are not among these."""
        self._listed = {name: item for name, item in self._listed.items() if name in names}

    async def _up_to_date(self, found: Found) -> Listed:
        async with self._turn:
            known, now = self._listed.get(found.name), found.inventory
            if known is None or known.inventory is not now:
                if known is None or not _same(known.inventory, now):
                    known = Listed(now, await _written(found))
                self._listed[found.name] = known = Listed(now, known.by_model)
            return known


def _same(one: Inventory, other: Inventory) -> bool:
    return one.servers == other.servers and one.descriptions == other.descriptions


def _separated(texts: Iterable[Text]) -> Iterable[Text]:
    for place, text in enumerate(texts):
        if place:
            yield SEPARATOR
        yield text


async def _written(found: Found) -> Mapping[str, Text]:
    groups: dict[str, list[bytes]] = {}
    slices = Slices()
    nothing = Description(id="")
    for server in found.inventory.servers:
        description = found.inventory.descriptions.get(server.id, nothing)
        group = group_of(found.name, found.vendor, server, description)
        if group is not None:
            groups.setdefault(description.model, []).append(msgspec.json.encode(group))
        await slices.breathe()
    # A large fleet of one model is megabytes: too long for the event loop.
    return {model: await asyncio.to_thread(_joined, parts) for model, parts in groups.items()}


def _joined(parts: Sequence[bytes]) -> Text:
    return Text.of(SEPARATOR.plain.join(parts))
