"""The exporter's own families, kept live as the catalogue declares them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import cast

from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics

from exporter.catalogue import OWN_FAMILIES
from exporter.catalogue.family import Family
from exporter.catalogue.own import OwnFamily, Values
from exporter.exposition.text import Format, header
from exporter.telemetry.series import Labels, Numbers, Spreads

_WRITERS: dict[Format, Callable[..., bytes]] = {
    Format.TEXT: generate_latest,
    Format.OPENMETRICS: generate_openmetrics,
}


class OwnMetrics:
    """The live metrics of the catalogue. To be used on the event loop only.

    How many labels a series has is known to the type checker; at run time a wrong number is a
    `ValueError`.
    """

    def __init__(self) -> None:
        """Begin every family; those of the process come from prometheus_client."""
        self._numbers: dict[str, Numbers] = {}
        self._spreads: dict[str, Spreads] = {}
        for family in OWN_FAMILIES:
            if family.kind == "histogram":
                spreads = Spreads(family.name, family.all_labels, family.buckets)
                self._spreads[family.name] = spreads
            else:
                self._numbers[family.name] = Numbers(family.name, family.all_labels)
        self._headers = {
            kind: {family.name: header(family, kind) for family in OWN_FAMILIES} for kind in Format
        }
        self._process = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._process)
        self.changes = 0
        """Grows with every change, except those of the process itself."""

    def set(self, family: OwnFamily[*Values], value: float, *labels: *Values) -> None:
        """Set a gauge."""
        self.changes += self._numbers[family.name].set(cast("Labels", labels), value)

    def increase(self, family: OwnFamily[*Values], *labels: *Values, by: float = 1) -> None:
        """Add to a counter; nothing may be added to begin it at zero.

        Raises:
            ValueError: It would fall.
        """
        if by < 0:
            raise ValueError(f"{family.name} is a counter, and would fall by {-by:g}")
        counter, own = self._numbers[family.name], cast("Labels", labels)
        self.changes += counter.set(own, (counter.get(own) or 0.0) + by)

    def observe(self, family: OwnFamily[*Values], value: float, *labels: *Values) -> None:
        """Put a value into a histogram."""
        self._spreads[family.name].observe(cast("Labels", labels), value)
        self.changes += 1

    def forget(self, family: OwnFamily[*Values], *labels: *Values) -> None:
        """Remove a series whose labels no longer hold."""
        self._forget(family, cast("Labels", labels))

    def forget_all(self, *kinds: str, **labels: str) -> None:
        """Remove every series that has these labels.

        Args:
            kinds: Narrow it to families of these kinds (counter, gauge, histogram).
            labels: Names and values.
        """
        for family in OWN_FAMILIES:
            if not kinds or family.kind in kinds:
                for own in self._having(family, {name: (text,) for name, text in labels.items()}):
                    self._forget(family, own)

    def _forget(self, family: Family, labels: Labels) -> None:
        self._series(family.name).remove(labels)
        self.changes += 1

    def get(self, name: str, *labels: str) -> float | None:
        """Return the number of a gauge or counter; None if there is no such series.

        Raises:
            KeyError: The catalogue has no such family.
        """
        return self._numbers[name].get(labels)

    def labels(self, name: str) -> tuple[Labels, ...]:
        """Return the label values of every series of a family."""
        return tuple(self._series(name).labels)

    def text(self, kind: Format) -> bytes:
        """Write everything, the families of the process at the end."""
        own = "".join(
            self._headers[kind][family.name] + self._series(family.name).text
            for family in OWN_FAMILIES
        )
        return own.encode() + _WRITERS[kind](self._process)

    def narrowed(self, kind: Format, wanted: Mapping[str, Collection[str]]) -> bytes:
        """Write only the series with certain labels; a family without one is left out.

        Args:
            kind: The format. OpenMetrics lacks its `# EOF` here.
            wanted: The values of each label that a series may have.
        """
        texts: list[str] = []
        for family in OWN_FAMILIES:
            if found := self._having(family, wanted):
                texts += self._headers[kind][family.name], self._series(family.name).lines(found)
        return "".join(texts).encode()

    def _having(self, family: Family, wanted: Mapping[str, Collection[str]]) -> Sequence[Labels]:
        """Return the series of a family that have every one of these labels, with a wanted value.

        A family that lacks one of the labels has none.
        """
        names = family.all_labels
        if not wanted.keys() <= set(names):
            return ()
        places = [(names.index(name), values) for name, values in wanted.items()]
        return [
            own
            for own in self.labels(family.name)
            if all(own[place] in values for place, values in places)
        ]

    def _series(self, name: str) -> Numbers | Spreads:
        return self._numbers.get(name) or self._spreads[name]
