"""Which records did a source map?"""

from types import ModuleType
from typing import Any

import pytest


def watched(patch: pytest.MonkeyPatch, *functions: tuple[ModuleType, str]) -> list[Any]:
    """Return a list that gets the id of every record that one of some functions maps."""
    ids: list[Any] = []
    for module, name in functions:
        real = getattr(module, name)

        def counted(record: Any, *more: Any, real: Any = real) -> Any:
            ids.append(record.id)
            return real(record, *more)

        patch.setattr(module, name, counted)
    return ids
