"""Which day's averages are served, and of which servers?"""

from calendar import timegm
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from exporter.errors import NotAvailableError, Reason, SourceError
from exporter.model import Inventory, Utilization
from exporter.sources.com.records import UtilizationRecord
from exporter.sources.com.utilization import ALL_SERVERS, RESOURCES, ratio_from

if TYPE_CHECKING:
    from tests.sources.com.conftest import Call, FakeClock, FakeCom, Reply, Run

PATH = "v1beta1/utilization-by-entity"
Fleet = Callable[..., Inventory]
Serve = Callable[[Callable[[str, str], list[Any] | int]], None]


def item(number: int, average: object = 50.0, **more: Any) -> dict[str, Any]:
    return {
        "id": f"P1-B21+S{number}",
        "status": "COMPLETE",
        "collected": {"average": average, "high": 99, "low": 1},
        **more,
    }


def insufficient(number: int) -> dict[str, Any]:
    return item(number, statusReason="DATA_INSUFFICIENT")


@pytest.fixture
def serve(com: "FakeCom", clock: "FakeClock") -> Serve:
    """Serve what a function of first day and metric type gives: items, or a status."""
    clock.now = timegm((2026, 7, 10, 9, 34, 56))

    def by(given: Callable[[str, str], list[Any] | int]) -> None:
        def answer(call: "Call") -> "Reply":
            found = given(call.query["start-date"], call.query["metric-type"])
            if isinstance(found, int):
                return found, {"message": "no", "debugId": str(len(com.calls))}
            skip, limit = int(call.query.get("offset", "0")), int(call.query["limit"])
            return 200, {"total": len(found), "excluded": 3, "items": found[skip : skip + limit]}

        com.replies[PATH] = answer

    return by


async def test_the_four_resources_of_yesterday_are_served(
    com: "FakeCom", run: "Run", fleet: Fleet, serve: Serve
) -> None:
    serve(lambda _, metric: [item(1, list(RESOURCES).index(metric) * 10), item(2, 33)])

    found = await run("utilization", fleet(1, 2))

    (column,) = found.columns
    assert dict(column.by_id) == {
        "P1-B21+S1": Utilization(
            (("cpu", 0.0), ("memory", 0.1), ("io", 0.2), ("cpu_interconnect", 0.3))
        ),
        "P1-B21+S2": Utilization(
            (("cpu", 0.33), ("memory", 0.33), ("io", 0.33), ("cpu_interconnect", 0.33))
        ),
    }
    assert (found.items, found.problems, found.warnings) == (8, 0, ())
    queries = [call.query for call in com.asked(PATH)]
    assert [query.pop("metric-type") for query in queries] == list(RESOURCES)
    assert queries == 4 * [
        {
            "start-date": "2026-07-09",
            "end-date": "2026-07-10",
            "resource-uri": ALL_SERVERS,
            "limit": "500",
            "offset": "0",
        }
    ]


async def test_a_day_without_data_gives_way_to_the_one_before(
    com: "FakeCom", run: "Run", fleet: Fleet, serve: Serve
) -> None:
    serve(
        lambda day, _: (
            [insufficient(1), insufficient(2), item(3)] if day == "2026-07-09" else
            [item(1), insufficient(2)]
        )
    )  # fmt: skip

    found = await run("utilization", fleet(1, 2, 3))

    assert set(found.columns[0].by_id) == {"P1-B21+S1"}
    assert (found.items, found.problems) == (8, 4)
    assert {call.query["start-date"] for call in com.asked(PATH)} == {"2026-07-09", "2026-07-08"}


async def test_servers_of_which_nothing_is_known_make_the_collector_not_available(
    com: "FakeCom", run: "Run", fleet: Fleet, serve: Serve
) -> None:
    serve(lambda *_: [insufficient(1)])

    with pytest.raises(NotAvailableError, match="Intel-based"):
        await run("utilization", fleet(1))

    assert len(com.asked(PATH)) == 3 * 4


async def test_without_servers_there_is_nothing_to_miss(run: "Run", serve: Serve) -> None:
    serve(lambda *_: [])

    assert (await run("utilization")).columns[0].by_id == {}


@pytest.mark.parametrize("status", [400, 403, 404])
async def test_a_resource_that_is_refused_alone_is_a_warning(
    run: "Run", fleet: Fleet, serve: Serve, status: int
) -> None:
    serve(lambda _, metric: status if metric == "IO_BUS_UTILIZATION" else [item(1)])

    found = await run("utilization", fleet(1))

    words = [word for word, _ in found.columns[0].by_id["P1-B21+S1"].resources]  # type: ignore[attr-defined]
    assert words == ["cpu", "memory", "cpu_interconnect"]
    assert found.warnings == (f"{PATH}: IO_BUS_UTILIZATION is refused: HTTP {status} (no)",)


async def test_all_resources_refused_is_a_failure(run: "Run", fleet: Fleet, serve: Serve) -> None:
    serve(lambda *_: 400)

    with pytest.raises(SourceError) as caught:
        await run("utilization", fleet(1))

    assert caught.value.reason is Reason.HTTP_4XX


@pytest.mark.parametrize("status", [403, 404])
async def test_a_path_that_is_not_offered_is_not_available(
    run: "Run", fleet: Fleet, serve: Serve, status: int
) -> None:
    serve(lambda *_: status)

    with pytest.raises(NotAvailableError, match=f"HTTP {status}"):
        await run("utilization", fleet(1))


async def test_a_large_fleet_is_read_in_pages(
    com: "FakeCom", run: "Run", fleet: Fleet, serve: Serve
) -> None:
    serve(lambda *_: [item(number) for number in range(2100)])

    found = await run("utilization", fleet(1))

    assert len(found.columns[0].by_id) == 2100
    assert len(com.asked(PATH)) == 5 * 4


@pytest.mark.parametrize(
    ("record", "ratio"),
    [
        ({"collected": {"average": 0}}, 0.0),
        ({"collected": {"average": 12.5}}, 0.125),
        ({"collected": {"average": 100}}, 1.0),
        ({"collected": {"average": 100.5}}, None),
        ({"collected": {"average": -1}}, None),
        ({"collected": {"average": "50"}}, None),
        ({"collected": {"average": None}}, None),
        ({"collected": {}}, None),
        ({"collected": None}, None),
        ({}, None),
        ({"collected": {"average": 5}, "statusReason": "Data Insufficient"}, None),
        ({"collected": {"average": 5}, "status": "DATA_INSUFFICIENT"}, None),
        ({"collected": {"average": 5}, "status": "PARTIAL", "statusReason": ""}, 0.05),
    ],
)
def test_averages_are_ratios(record: dict[str, Any], ratio: float | None) -> None:
    decoded = msgspec.convert({"id": "x", **record}, UtilizationRecord)

    assert ratio_from(decoded) == ratio
