"""Does a COM source offer what its settings ask for?"""

from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

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
        ("utilization", 3600),
        ("groups", 600),
        ("jobs", 300),
        ("appliances", 300),
        ("firmware", 21600),
        ("warranty", 86400),
    ]
    assert [each.name for each in source.collectors] == list(SOURCE.intervals)
    await source.close()


async def test_collectors_can_be_slowed_down_and_switched_off(
    clock: "FakeClock", witness: "Witness", make_settings: "MakeSettings"
) -> None:
    settings = make_settings(
        collectors={
            "servers": {"interval": "5m"},
            **{name: {"enabled": False} for name in list(SOURCE.intervals)[2:]},
        }
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


@pytest.mark.parametrize(
    ("written", "meant"),
    [("all", None), (["bios"], ("bios",)), (["bmc", "bios"], ("bmc", "bios"))],
)
def test_the_components_of_the_firmware_are_a_choice(
    make_settings: "MakeSettings", written: object, meant: object
) -> None:
    settings = make_settings(collectors={"firmware": {"components": written}})

    assert settings.by_collector["firmware"].components == meant  # type: ignore[attr-defined]


@pytest.mark.parametrize("written", [None, [], "bios", ["all"], ["bios", "raid"], 3, {}])
def test_other_components_are_a_mistake(make_settings: "MakeSettings", written: object) -> None:
    with pytest.raises(ValidationError, match="components"):
        make_settings(collectors={"firmware": {"components": written}})
