"""Longer time limits for logging out, in this process and in programs under test.

The program allows an appliance less than a second, because it ends soon after a signal. On a busy
machine a simulated appliance needs longer, and its session stays open. Python imports a module of
this name when it starts, if its folder is in PYTHONPATH.
"""

import sys
from collections.abc import Mapping, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

_SECONDS = 60.0
LIMITS: Mapping[str, Sequence[str]] = {
    "exporter.polling.scheduler": ("_LONGEST_FAREWELL",),
    "exporter.sources.ome.login": ("LOGOUT_TIMEOUT",),
}
"""Constants to raise, by module."""


class PatientFinder:
    """Finds the modules of `LIMITS` as usual, and raises their limits when they are loaded."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path, target) if name in LIMITS else None
        if spec is None or spec.loader is None:
            return None
        load = spec.loader.exec_module

        def load_and_raise(module: ModuleType) -> None:
            load(module)
            for limit in LIMITS[name]:
                if not isinstance(getattr(module, limit), float):
                    raise TypeError(f"{name}.{limit} is not a number of seconds")
                setattr(module, limit, _SECONDS)

        spec.loader.exec_module = load_and_raise  # type: ignore[method-assign]
        return spec


sys.meta_path.insert(0, PatientFinder)
