"""Does a COM source offer what its settings ask for?"""

from typing import TYPE_CHECKING

from exporter.sources.com import SOURCE
from exporter.sources.contract import Surroundings

if TYPE_CHECKING:
    from tests.sources.com.conftest import FakeClock, MakeSettings, Witness


async def test_the_enabled_collectors_come_in_order_with_the_inventory_first(
    clock: "FakeClock", witness: "Witness", make_settings: "MakeSettings"
) -> None:
    source = SOURCE.build(make_settings(), Surroundings(clock, witness))

    assert [(each.name, each.interval) for each in source.collectors] == [
        ("servers", 60),
        ("alerts", 60),
        ("energy", 3600),
    ]
    assert [each.name for each in source.collectors] == list(SOURCE.collectors)
    await source.close()


async def test_collectors_can_be_slowed_down_and_switched_off(
    clock: "FakeClock", witness: "Witness", make_settings: "MakeSettings"
) -> None:
    settings = make_settings(
        collectors={"servers": {"interval": "5m"}, "energy": {"enabled": False}}
    )

    source = SOURCE.build(settings, Surroundings(clock, witness))

    assert [(each.name, each.interval) for each in source.collectors] == [
        ("servers", 300),
        ("alerts", 60),
    ]
    await source.close()


async def test_a_source_can_be_closed_twice(
    clock: "FakeClock", witness: "Witness", make_settings: "MakeSettings"
) -> None:
    source = SOURCE.build(make_settings(), Surroundings(clock, witness))

    await source.close()
    await source.close()
