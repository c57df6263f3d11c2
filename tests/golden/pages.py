"""The golden pages: one text for each, which a reviewer reads."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.golden import com, ome, recorded, simulated

FOLDER: Final = Path(__file__).parent


@dataclass(frozen=True)
class GoldenPage:
    """How a page is made."""

    make: Callable[[], Coroutine[Any, Any, str]]
    needs: Path | None = None
    """The folder of recordings that it is made of."""


PAGES: Final[Mapping[str, GoldenPage]] = {
    "com": GoldenPage(com.page, recorded.SAMPLES / "com"),
    "ome": GoldenPage(ome.page, recorded.SAMPLES / "ome"),
    "simulated": GoldenPage(simulated.page),
}
"""By the name of the file, without `.prom`."""


def file_of(name: str, folder: Path = FOLDER) -> Path:
    """Return the file of a page."""
    return folder / f"{name}.prom"
