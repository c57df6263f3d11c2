"""Which operating system does each device run? One collector knows it, another one serves it."""

from collections.abc import Mapping


class OperatingSystems:
    """What is known of the operating systems of one source's devices."""

    def __init__(self) -> None:
        """Begin without knowledge."""
        self.known: Mapping[str, str] = {}
        """Name and version by device id; never changed in place."""

    def learn(self, known: Mapping[str, str]) -> None:
        """Take name and version by device id, in place of what was known."""
        self.known = known

    def of(self, device: str) -> str:
        """Return name and version; the empty string where they are not known."""
        return self.known.get(device, "")
