"""Both vendors' APIs over one synthetic fleet, for demonstrations, tests and benchmarks."""

from exporter.simulators.com.tokens import ComCredentials
from exporter.simulators.faults import FaultHandle, Faults
from exporter.simulators.ome.sessions import OmeCredentials
from exporter.simulators.simulation import Simulation
from exporter.simulators.world import World

__all__ = ["ComCredentials", "FaultHandle", "Faults", "OmeCredentials", "Simulation", "World"]
