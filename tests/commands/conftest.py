"""A simulated fleet that is served by the test itself, and configurations for it."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from exporter.simulators import Simulation


@dataclass
class Fleet:
    """A served simulation, and the configuration of both its sources."""

    simulation: Simulation
    base_url: str
    folder: Path

    @property
    def secrets(self) -> list[str]:
        """What must never show."""
        com, ome = self.simulation.com_credentials, self.simulation.ome_credentials
        return [com.client_secret, ome.password]

    def config(self, **changes: Any) -> Path:
        """Write a configuration, with changes to each source's entry."""
        tree = yaml.safe_load(self.simulation.sources_yaml(self.base_url))
        for entry in tree["sources"]:
            entry.update(changes)
        path = self.folder / "config.yaml"
        path.write_text(yaml.safe_dump({"listen": "127.0.0.1:0", **tree}))
        return path


@pytest.fixture
async def fleet(tmp_path: Path) -> AsyncIterator[Fleet]:
    simulation = Simulation(servers=12, seed=3)
    async with simulation.serving() as base_url:
        yield Fleet(simulation, base_url, tmp_path)


@pytest.fixture
def write_config(tmp_path: Path) -> Callable[[str], Path]:
    """Write a configuration file."""

    def written(text: str) -> Path:
        path = tmp_path / "config.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return written
