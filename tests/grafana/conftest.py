"""Every rule for dashboards is tested on each of them."""

from typing import Any

import pytest

from tests.grafana.boards import BOARDS


@pytest.fixture(params=sorted(BOARDS))
def board(request: pytest.FixtureRequest) -> dict[str, Any]:
    return BOARDS[request.param]
