from collections import Counter

import pytest

from exporter.simulators import Simulation, World
from exporter.simulators.machines import CHASSIS, NETWORK_IOM, SERVER, STORAGE, bmc_address

T = 1_780_000_000.0


def world(servers: int = 200, seed: int = 1, at: float = T) -> World:
    return World(servers=servers, seed=seed, clock=lambda: at)


def test_the_same_seed_gives_the_same_fleet_at_the_same_time() -> None:
    assert world().com_servers(T) == world().com_servers(T)
    assert world().ome_devices(T) == world().ome_devices(T)


def test_another_seed_gives_another_fleet() -> None:
    assert {s.serial for s in world().com_servers(T)} != {
        s.serial for s in world(seed=2).com_servers(T)
    }


def test_the_state_at_a_time_does_not_depend_on_what_was_asked_before() -> None:
    asked = world()
    for back in range(0, 100_000, 7_000):
        asked.com_servers(T - back)

    assert asked.com_servers(T) == world().com_servers(T)


def test_serial_numbers_tags_ids_and_addresses_are_unique_in_a_big_fleet() -> None:
    big = world(8_000)
    com, ome = big.com_servers(T), big.ome_devices(T)

    assert len({s.serial for s in com}) == len(com)
    assert len({d.identifier for d in ome}) == len({d.id for d in ome}) == len(ome)
    slots = [*(s.slot for s in com), *(d.slot for d in ome)]
    assert len({bmc_address(slot) for slot in slots}) == len(slots)
    assert all(len(d.identifier) == 7 for d in ome if d.type != NETWORK_IOM)


def test_every_serial_number_leads_back_to_its_slot() -> None:
    fleet = world()
    for server in fleet.com_servers(T):
        assert fleet.slot_of(server.serial) == server.slot
    for device in fleet.ome_devices(T):
        assert fleet.slot_of(device.identifier) == device.slot
    with pytest.raises(KeyError):
        fleet.slot_of("NOTHERE")


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("minute", [0, 7, 15])
def test_every_state_that_matters_occurs_within_minutes(seed: int, minute: int) -> None:
    fleet = world(seed=seed)
    times = [T + 60 * minute, T + 60 * minute + 300]
    com = [s for t in times for s in fleet.com_servers(t)]
    servers = [d for t in times for d in fleet.ome_devices(t) if d.type == SERVER]

    for situations in ([s.situation for s in com], [s.situation for s in servers]):
        assert {each.health for each in situations} == {"OK", "WARNING", "CRITICAL", "UNKNOWN"}
        assert {"ON", "OFF"} <= {each.power for each in situations}
        assert {each.connected for each in situations} == {True, False}
        assert {each.managed for each in situations} == {True, False}
    assert {s.subscription for s in com} == {"SUBSCRIBED", "REQUIRED", "EXPIRED"}
    assert {d.type for d in fleet.ome_devices(T)} == {SERVER, CHASSIS, STORAGE, NETWORK_IOM}


def test_most_servers_are_well() -> None:
    healths = Counter(s.situation.health for s in world(4000).com_servers(T))

    assert healths["OK"] / 2000 > 0.93


def test_an_alert_rises_with_a_fault_and_clears_with_it() -> None:
    now = [T]
    simulation = Simulation(servers=200, seed=1, clock=lambda: now[0])
    alert = next(a for a in simulation.alarms.open(0, T) if a.severity == "CRITICAL")

    def health(t: float) -> str:
        return simulation.world.com_server(alert.slot, t).situation.health

    assert (health(alert.raised_at - 1), health(alert.raised_at)) == ("OK", "CRITICAL")
    ended = next(a for a in simulation.alarms.of_slot(alert.slot, T + 1300) if a.key == alert.key)
    assert ended.cleared_at is not None
    assert health(ended.cleared_at - 1) == "CRITICAL"
    assert health(ended.cleared_at) == "OK"


def test_a_machine_is_replaced_now_and_then_by_one_of_the_same_model() -> None:
    fleet = world()
    before = {s.slot: s for s in fleet.com_servers(T)}
    after = {s.slot: s for s in fleet.com_servers(T + 2 * 86_400)}
    replaced = [slot for slot in before if before[slot].serial != after[slot].serial]

    assert 1 <= len(replaced) <= 16
    assert all(before[slot].hardware == after[slot].hardware for slot in replaced)
    assert all(after[slot].installed_at > T for slot in replaced)


def test_the_energy_counter_is_the_integral_of_the_power() -> None:
    fleet = world()
    device = next(d for d in fleet.ome_devices(T) if d.type == SERVER and T - d.installed_at > 9e4)
    step, begin = 20.0, T - 86_400
    shape = fleet.power(device).shape
    watts = [fleet.load.watts(device.slot, shape, begin + (i + 0.5) * step) for i in range(4320)]
    kwh = [fleet.power(fleet.ome_device(device.slot, t)).kwh for t in (begin, T)]

    assert (kwh[1] - kwh[0]) * 3.6e6 == pytest.approx(sum(watts) * step, rel=2e-3)


def test_hours_add_up_to_their_day() -> None:
    fleet = world()
    midnight = T // 86_400 * 86_400 - 86_400
    for slot in fleet.roster.com[:20]:
        day = fleet.energy(slot, midnight, midnight + 86_400)
        hours = [
            fleet.energy(slot, midnight + 3600 * h, midnight + 3600 * (h + 1)) for h in range(24)
        ]
        if day.complete:
            assert day.joules == pytest.approx(sum(h.joules or 0 for h in hours), rel=1e-9)


def test_day_and_night_differ() -> None:
    fleet = world()
    slot = fleet.roster.com[1]
    noon = T // 86_400 * 86_400 + 14 * 3600
    hour = fleet.place(slot).hours_from_utc * 3600
    day = fleet.energy(slot, noon - hour, noon - hour + 3600, 9e9).joules or 0
    night = fleet.energy(slot, noon - hour - 43_200, noon - hour - 39_600, 9e9).joules or 0

    assert day > 1.2 * night


def test_an_override_holds_until_it_is_cleared() -> None:
    now = [T]
    fleet = World(servers=20, clock=lambda: now[0])
    serial = fleet.com_servers()[0].serial

    fleet.override(serial, health="CRITICAL", power="OFF", connected=False,
                   component={"fans": "CRITICAL"})  # fmt: skip
    now[0] += 60
    held = fleet.com_servers()[0].situation
    fleet.clear_override(serial)

    assert (held.health, held.power, held.connected) == ("CRITICAL", "OFF", False)
    assert held.components == {"fans": "CRITICAL"}
    assert fleet.com_servers()[0].situation.health == "OK"


def test_a_machine_switched_off_by_hand_draws_standby_power_and_its_counter_never_falls() -> None:
    now = [T]
    fleet = World(servers=20, clock=lambda: now[0], com_share=0)
    device = next(d for d in fleet.ome_devices() if d.type == SERVER and d.situation.power == "ON")
    before = fleet.power(device)

    fleet.override(device.identifier, power="OFF")
    now[0] += 600
    off = fleet.power(fleet.ome_device(device.slot, now[0]))
    fleet.clear_override(device.identifier)
    after = fleet.power(fleet.ome_device(device.slot, now[0]))

    assert off.watts == 14.0
    assert off.kwh - before.kwh == pytest.approx(14 * 600 / 3.6e6)
    assert after.kwh == pytest.approx(off.kwh)


@pytest.mark.parametrize(
    "wish",
    [{"health": "BAD"}, {"colour": "red"}, {"component": {"soul": "OK"}}, {"connected": "yes"},
     {"alerts": "CRITICAL"}, {"alerts": ["LOUD"]}, {"power": "MAYBE"}],
)  # fmt: skip
def test_an_override_that_makes_no_sense_is_refused(wish: dict[str, object]) -> None:
    fleet = world(4)
    with pytest.raises(ValueError, match=r"one of|unknown|true or false|list"):
        fleet.override(fleet.com_servers()[0].serial, **wish)


def test_servers_are_added_and_removed() -> None:
    fleet = world(20)
    added = fleet.add("ome")
    removed = fleet.com_servers()[3].serial
    fleet.remove(removed)

    assert added in {d.identifier for d in fleet.ome_devices()}
    assert removed not in {s.serial for s in fleet.com_servers()}
    assert len(fleet.com_servers()) == 9


def test_an_empty_fleet_is_a_fleet() -> None:
    assert not world(0).com_servers()
    assert not world(0).ome_devices()


def test_a_machine_replaced_since_takes_its_override_with_it() -> None:
    now = [T]
    simulation = Simulation(servers=20, clock=lambda: now[0], com_share=1)
    serial = simulation.world.com_servers()[0].serial
    simulation.world.override(serial, health="CRITICAL", power="OFF")
    now[0] += 40 * 86_400

    assert serial not in {a.serial for a in simulation.alarms.open(0, now[0])}
    simulation.world.clear_override(serial)
    assert simulation.world.overrides == {}


@pytest.mark.parametrize("seed", range(0, 25, 3))
def test_what_is_critical_has_an_open_alert_and_nothing_else_has(seed: int) -> None:
    for step in range(0, 12, 4):
        t = T + 613 * step
        simulation = Simulation(servers=200, seed=seed, clock=lambda at=t: at)  # type: ignore[misc]
        world = simulation.world
        com = {s.slot for s in world.com_servers(t)
               if s.situation.health == "CRITICAL" and s.subscription != "REQUIRED"}  # fmt: skip
        ome = {d.slot for d in world.ome_devices(t) if d.situation.health == "CRITICAL"}

        for vendor, critical in enumerate((com, ome)):
            alerts = simulation.alarms.open(vendor, t)
            assert critical == {a.slot for a in alerts if a.severity == "CRITICAL"}
