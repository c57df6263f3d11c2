"""How are the exporter's own families kept, as the catalogue declares them?"""

from collections.abc import Callable, Collection, Mapping, Sequence

from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics

from exporter.catalogue import (
    API_FAMILIES,
    COLLECTOR_FAMILIES,
    EXPORTER_FAMILIES,
    LIVE_FAMILIES,
)
from exporter.catalogue.family import Family
from exporter.exposition.text import Format, header
from exporter.telemetry.series import Labels, Numbers, Spreads

OWN_FAMILIES: tuple[Family, ...] = (
    *LIVE_FAMILIES,
    *COLLECTOR_FAMILIES,
    *API_FAMILIES,
    *EXPORTER_FAMILIES,
)
_WRITERS: dict[Format, Callable[..., bytes]] = {
    Format.TEXT: generate_latest,
    Format.OPENMETRICS: generate_openmetrics,
}


class OwnMetrics:
    """The live metrics, by name of the catalogue. To be used on the event loop only."""

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

    def set(self, name: str, value: float, *labels: str) -> None:
        """Set a gauge.

        Raises:
            KeyError: The catalogue has no such family.
            ValueError: There are more or fewer labels than it has.
        """
        self.changes += self._numbers[name].set(labels, value)

    def increase(self, name: str, *labels: str, by: float = 1) -> None:
        """Add to a counter; nothing may be added to begin it at zero.

        Raises:
            KeyError: The catalogue has no such family.
            ValueError: It would fall, or there are more or fewer labels than it has.
        """
        if by < 0:
            raise ValueError(f"{name} is a counter, and would fall by {-by:g}")
        counter = self._numbers[name]
        self.changes += counter.set(labels, (counter.get(labels) or 0.0) + by)

    def observe(self, name: str, value: float, *labels: str) -> None:
        """Put a value into a histogram.

        Raises:
            KeyError: The catalogue has no such family.
            ValueError: There are more or fewer labels than it has.
        """
        self._spreads[name].observe(labels, value)
        self.changes += 1

    def get(self, name: str, *labels: str) -> float | None:
        """Return the number of a gauge or counter; None if there is no such series."""
        return self._numbers[name].get(labels)

    def forget(self, name: str, *labels: str) -> None:
        """Remove a series whose labels no longer hold.

        Raises:
            KeyError: The catalogue has no such family.
        """
        self._series(name).remove(labels)
        self.changes += 1

    def forget_all(self, *kinds: str, **labels: str) -> None:
        """Remove every series that has these labels.

        Args:
            kinds: Narrow it to families of these kinds (counter, gauge, histogram).
            labels: Names and values.
        """
        for family in OWN_FAMILIES:
            if not kinds or family.kind in kinds:
                for own in self._having(family, {name: (text,) for name, text in labels.items()}):
                    self.forget(family.name, *own)

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
