"""Time limits that a test ends itself, in place of being in time."""

import asyncio
from types import ModuleType, SimpleNamespace

import pytest


class Timeouts(SimpleNamespace):
    """asyncio as one module sees it; remembers the limits that the module sets."""

    def __init__(self) -> None:
        super().__init__(**vars(asyncio))
        self.limits: list[asyncio.Timeout] = []
        self.timeout = self._remembered

    @classmethod
    def of(cls, module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> "Timeouts":
        """Take the place of asyncio in a module."""
        made = cls()
        monkeypatch.setattr(module, "asyncio", made)
        return made

    def _remembered(self, seconds: float | None) -> asyncio.Timeout:
        self.limits.append(asyncio.timeout(seconds))
        return self.limits[-1]
