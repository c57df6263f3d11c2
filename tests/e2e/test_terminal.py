"""Whatever an API says, nothing of it acts on the terminal of somebody who reads what is served."""

from typing import Any

import pytest

from exporter.lifecycle import Exporter
from tests.e2e.test_secret_forms import Echo
from tests.e2e.test_secrets import configuration, serving


class WithId(Echo):
    """An echo whose records have an id that can be read."""

    def _server(self) -> dict[str, Any]:
        return {**super()._server(), "id": "P1+S1"}


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize("vendor", ["com", "ome"])
async def test_what_is_served_has_no_character_that_acts_on_a_terminal(
    vendor: str, status: int
) -> None:
    parrot = WithId(data=status)
    parrot.vendor, parrot.said = vendor, "a\x9b2J\u202eb\u2028c\x85d\u200be"
    async with serving(parrot):
        exporter = Exporter(configuration(parrot, concurrency=1))
        for _ in range(2):
            await exporter.scheduler.run_all_once()
        page = exporter.exposition().decode()
        errors = [state.error for state in exporter.scheduler.board]
        await exporter.scheduler.stop()

    text = page + "".join(errors)
    assert [each for each in text if not each.isprintable() and each != "\n"] == []
    assert "a 2J b c d e" in text
