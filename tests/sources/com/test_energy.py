"""Which hour and which day are served, and what of them?"""

from calendar import timegm
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from exporter.errors import Reason, SourceError
from exporter.model import (
    Collected,
    Energy,
    EnergyWindowEnds,
    EnergyWindows,
    Inventory,
    Location,
    Window,
)
from exporter.sources.com.energy_windows import Span, closed_spans

if TYPE_CHECKING:
    from tests.sources.com.conftest import Call, FakeClock, FakeCom, Reply, Run

PATH = "v1beta1/energy-by-entity"
NOW = timegm((2026, 7, 10, 9, 34, 56))
Fleet = Callable[..., Inventory]
Pages = dict[str, tuple[list[Any], int]]


def item(
    number: int, kwh: float | None = 1.0, status: str = "COMPLETE", **more: Any
) -> dict[str, Any]:
    return {
        "id": f"P1-B21+S{number}",
        "type": "SERVER",
        "status": status,
        "kwh": {"collected": kwh, "projected": 0, "total": 99},
        "co2eKg": {"collected": None if kwh is None else kwh * 0.5},
        "cost": {"collected": None if kwh is None else kwh * 0.25},
        **more,
    }


@pytest.fixture
def serve(com: "FakeCom", clock: "FakeClock") -> Callable[[Pages], None]:
    """Serve items and the number of excluded servers by `start-date`; nothing for other windows."""
    clock.now = NOW

    def by_start(pages: Pages) -> None:
        def answer(call: "Call") -> "Reply":
            items, excluded = pages.get(call.query["start-date"], ([], 0))
            offset, limit = int(call.query["offset"]), int(call.query["limit"])
            part = items[offset : offset + limit]
            return 200, {"total": len(items), "excluded": excluded, "items": part}

        com.replies[PATH] = answer

    return by_start


def starts(com: "FakeCom", limit: int | None = None) -> list[str]:
    return [
        call.query["start-date"]
        for call in com.asked(PATH)
        if limit is None or call.query["limit"] == str(limit)
    ]


def windows(found: Collected) -> dict[str, dict[Window, Energy]]:
    return {
        server: dict(item.windows)
        for server, item in found.columns[0].by_id.items()
        if isinstance(item, EnergyWindows)
    }


def ends(found: Collected) -> dict[Window, float]:
    (facet,) = found.source_facets
    assert isinstance(facet, EnergyWindowEnds)
    return dict(facet.ends)


def test_windows_are_closed_and_the_newest_comes_first() -> None:
    hours = list(closed_spans(Window.HOUR, NOW + 0.9))
    days = list(closed_spans(Window.DAY, NOW))

    assert len(hours) == 24
    assert hours[0].query == {
        "start-date": "2026-07-10T08:00:00Z",
        "end-date": "2026-07-10T09:00:00Z",
        "sample-size": "1_HOUR",
    }
    assert hours[-1].query["start-date"] == "2026-07-09T09:00:00Z"
    assert [day.query["start-date"] for day in days] == ["2026-07-09", "2026-07-08", "2026-07-07"]
    assert days[0].query == {
        "start-date": "2026-07-09",
        "end-date": "2026-07-10",
        "sample-size": "1_DAY",
    }


def test_a_window_is_over_at_the_very_second_of_its_end() -> None:
    midnight = timegm((2026, 1, 1, 0, 0, 0))

    assert next(closed_spans(Window.DAY, midnight)) == Span(Window.DAY, midnight - 86400, midnight)
    assert next(closed_spans(Window.DAY, midnight - 0.001)).end == midnight - 86400


async def test_the_newest_complete_hour_and_day_are_served(
    com: "FakeCom", run: "Run", fleet: Fleet, serve: Callable[[Pages], None]
) -> None:
    serve(
        {
            "2026-07-10T08:00:00Z": ([item(1, 0.5), item(2, 1.0)], 0),
            "2026-07-09": ([item(1, 12.0), item(2, 24.0)], 0),
        }
    )

    found = await run("energy", fleet(1, 2))

    assert windows(found) == {
        "P1-B21+S1": {
            Window.HOUR: Energy(joules=1.8e6, grams_co2e=250.0, cost_usd=0.125),
            Window.DAY: Energy(joules=4.32e7, grams_co2e=6000.0, cost_usd=3.0),
        },
        "P1-B21+S2": {
            Window.HOUR: Energy(joules=3.6e6, grams_co2e=500.0, cost_usd=0.25),
            Window.DAY: Energy(joules=8.64e7, grams_co2e=12000.0, cost_usd=6.0),
        },
    }
    assert ends(found) == {
        Window.HOUR: timegm((2026, 7, 10, 9, 0, 0)),
        Window.DAY: timegm((2026, 7, 10, 0, 0, 0)),
    }
    assert (found.items, found.problems, found.warnings) == (4, 0, ())
    assert len(com.asked(PATH)) == 4


async def test_windows_with_too_few_records_are_passed_over_cheaply(
    com: "FakeCom", run: "Run", fleet: Fleet, serve: Callable[[Pages], None]
) -> None:
    serve(
        {
            "2026-07-10T08:00:00Z": ([], 4),
            "2026-07-10T07:00:00Z": ([item(1)], 3),
            "2026-07-10T06:00:00Z": ([item(1), item(2)], 2),
        }
    )

    found = await run("energy", fleet(1, 2, 3, 4))

    assert ends(found) == {Window.HOUR: timegm((2026, 7, 10, 7, 0, 0))}
    assert starts(com, limit=1)[:3] == [
        "2026-07-10T08:00:00Z",
        "2026-07-10T07:00:00Z",
        "2026-07-10T06:00:00Z",
    ]
    assert starts(com, limit=500) == ["2026-07-10T06:00:00Z"]


async def test_a_window_counts_when_half_of_the_servers_are_complete(
    run: "Run", fleet: Fleet, serve: Callable[[Pages], None]
) -> None:
    partial = [item(number, status="PARTIAL", statusReason="x") for number in (3, 4)]
    serve(
        {
            "2026-07-10T08:00:00Z": ([item(1), item(2), *partial], 1),
            "2026-07-10T07:00:00Z": ([item(1), item(2), *partial], 0),
        }
    )

    found = await run("energy", fleet(1, 2, 3, 4))

    assert ends(found) == {Window.HOUR: timegm((2026, 7, 10, 8, 0, 0))}
    assert set(windows(found)) == {"P1-B21+S1", "P1-B21+S2"}
    assert (found.items, found.problems) == (4, 2)


async def test_records_without_a_figure_make_no_sample_and_no_window(
    run: "Run", fleet: Fleet, serve: Callable[[Pages], None]
) -> None:
    serve(
        {
            "2026-07-10T08:00:00Z": ([item(1, None), item(2, -1.0), item(3)], 0),
            "2026-07-09": ([item(1), item(2), item(3, None), {"id": 3}], 0),
        }
    )

    found = await run("energy", fleet(1, 2, 3))

    assert set(ends(found)) == {Window.DAY}
    assert set(windows(found)) == {"P1-B21+S1", "P1-B21+S2"}
    assert (found.items, found.problems) == (3, 2)


@pytest.mark.parametrize("kwh", [{"collected": "1.0"}, "1.0", [1.0]])
async def test_an_ill_typed_energy_costs_itself_and_is_a_problem(
    run: "Run", fleet: Fleet, serve: Callable[[Pages], None], kwh: object
) -> None:
    serve({"2026-07-09": ([item(1), {**item(2), "kwh": kwh}], 0)})

    found = await run("energy", fleet(1, 2))

    assert windows(found)["P1-B21+S2"] == {Window.DAY: Energy(grams_co2e=500.0, cost_usd=0.25)}
    assert windows(found)["P1-B21+S1"][Window.DAY].joules == 3.6e6
    assert (found.items, found.problems) == (2, 1)


async def test_a_newer_window_takes_over_and_the_old_one_is_read_again(
    com: "FakeCom",
    clock: "FakeClock",
    run: "Run",
    fleet: Fleet,
    serve: Callable[[Pages], None],
) -> None:
    pages: Pages = {"2026-07-10T05:00:00Z": ([item(1, 1.0)], 0)}
    serve(pages)
    await run("energy", fleet(1))

    pages["2026-07-10T05:00:00Z"] = ([item(1, 2.0)], 0)
    found = await run("energy", fleet(1))
    assert windows(found)["P1-B21+S1"][Window.HOUR].joules == 7.2e6

    clock.now += 3600
    pages["2026-07-10T08:00:00Z"] = ([item(1, 3.0)], 0)
    com.calls.clear()
    found = await run("energy", fleet(1))
    assert ends(found) == {Window.HOUR: timegm((2026, 7, 10, 9, 0, 0))}
    assert "2026-07-10T05:00:00Z" not in starts(com)


async def test_a_large_fleet_is_read_in_pages(
    com: "FakeCom", run: "Run", fleet: Fleet, serve: Callable[[Pages], None]
) -> None:
    serve({"2026-07-09": ([item(number) for number in range(2100)], 0)})

    found = await run("energy", fleet(1))

    assert len(windows(found)) == 2100
    offsets = [int(call.query["offset"]) for call in com.asked(PATH)]
    assert offsets.count(1000) == offsets.count(2000) == 1
    assert {call.query["sort"] for call in com.asked(PATH)} == {"name asc"}


async def test_locations_come_from_whatever_window_has_them(
    run: "Run", fleet: Fleet, serve: Callable[[Pages], None]
) -> None:
    serve(
        {
            "2026-07-10T08:00:00Z": ([item(1, entityDetails={"location": "Houston"}), item(2)], 0),
            "2026-07-09": (
                [
                    item(1, entityDetails={"location": "Geneva"}),
                    item(2, entityDetails={"location": " Paris "}),
                    item(3, entityDetails={"location": None}),
                    item(4, entityDetails=None),
                ],
                0,
            ),
        }
    )

    found = await run("energy", fleet(1, 2, 3, 4))

    assert dict(found.columns[1].by_id) == {
        "P1-B21+S1": Location(location="Houston"),
        "P1-B21+S2": Location(location="Paris"),
    }


async def test_without_any_complete_window_the_user_learns_what_to_check(
    com: "FakeCom", run: "Run", fleet: Fleet, serve: Callable[[Pages], None]
) -> None:
    serve({})

    with pytest.raises(SourceError) as caught:
        await run("energy", fleet(1))

    assert caught.value.reason is Reason.EMPTY
    assert "metrics collection" in caught.value.message
    assert "one day" in caught.value.message
    assert len(com.asked(PATH)) == 24 + 3


async def test_a_workspace_without_servers_needs_no_energy(
    run: "Run", serve: Callable[[Pages], None]
) -> None:
    serve({})

    found = await run("energy", Inventory())

    assert windows(found) == {}
    assert ends(found) == {}


async def test_a_kind_of_window_that_is_refused_does_not_cost_the_other(
    com: "FakeCom", run: "Run", fleet: Fleet, clock: "FakeClock"
) -> None:
    clock.now = NOW

    def answer(call: "Call") -> "Reply":
        if call.query["sample-size"] == "1_HOUR":
            return 400, {"errorCode": "X", "message": "sample-size"}
        return 200, {"total": 1, "excluded": None, "items": [item(1)][: int(call.query["limit"])]}

    com.replies[PATH] = answer

    found = await run("energy", fleet(1))

    assert set(ends(found)) == {Window.DAY}
    assert found.warnings == ("v1beta1/energy-by-entity: HTTP 400 (X: sample-size)",)


@pytest.mark.parametrize(
    ("status", "payload", "reason"),
    [
        (400, {}, Reason.HTTP_4XX),
        (429, {}, Reason.RATE_LIMITED),
        (500, {}, Reason.HTTP_5XX),
        (200, {}, Reason.SCHEMA),
        (200, {"items": []}, Reason.EMPTY),
        (200, {"items": [], "total": 0, "excluded": "many"}, Reason.EMPTY),
        (200, b"<html>", Reason.DECODE),
    ],
)
async def test_a_call_that_fails_fails_the_run(
    com: "FakeCom", run: "Run", fleet: Fleet, status: int, payload: Any, reason: Reason
) -> None:
    com.reply(PATH, status, payload)

    with pytest.raises(SourceError) as caught:
        await run("energy", fleet(1))
    assert caught.value.reason is reason
