"""Is only that read again which has changed, and is nothing lost or invented thereby?"""

import gc
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import msgspec
import pytest

from exporter.sources import renewal as renewal_module
from exporter.sources.drift import Drift, Expected, Unseen, drifted, joined
from exporter.sources.listing import Page
from exporter.sources.renewal import Renewal
from tests.support.drift import missing, unknown


class Record(msgspec.Struct, frozen=True, gc=False):
    id: int
    health: str | None = None
    name: str | None = None


class Reading(msgspec.Struct, frozen=True, gc=False):
    id: int
    health: str


DECODER = msgspec.json.Decoder(Record)
EXPECTED = (Expected(Record, "health", "name"),)


class Fleet:
    """A list that is read again and again, and remembers which records were mapped."""

    def __init__(self) -> None:
        self.renewal: Renewal[Record, Reading] = Renewal(DECODER, EXPECTED)
        self.mapped: list[int] = []

    def into(self, record: Record, unseen: Unseen) -> Reading:
        self.mapped.append(record.id)
        if record.health not in ("ok", "bad", None):
            unseen.note("health", record.health)
        return Reading(record.id, record.health or "")

    def read(self, records: Iterable[Any], basis: object = None) -> Page[Reading]:
        self.mapped.clear()
        raws = raws_of(records)
        with self.renewal.run(self.into, basis) as run:
            return run.page(raws, len(raws))


def raws_of(records: Iterable[Any]) -> list[msgspec.Raw]:
    body = msgspec.json.encode(list(records))
    return msgspec.json.decode(body, type=list[msgspec.Raw])


def record(number: int, health: str = "ok", **more: Any) -> dict[str, Any]:
    return {"id": number, "health": health, "name": f"host{number}", **more}


@pytest.fixture
def fleet() -> Fleet:
    return Fleet()


def test_unchanged_records_are_given_again_without_being_mapped(fleet: Fleet) -> None:
    records = [record(number) for number in range(200)]
    first = fleet.read(records)

    second = fleet.read(records)

    assert fleet.mapped == []
    assert all(old is new for old, new in zip(first.items, second.items, strict=True))


def test_a_changed_record_is_seen_at_once(fleet: Fleet) -> None:
    records = [record(number) for number in range(200)]
    fleet.read(records)
    records[7] = record(7, "bad")

    page = fleet.read(records)

    assert fleet.mapped == [7]
    assert page.items[7] == Reading(7, "bad")


def test_a_record_that_is_as_it_was_two_runs_ago_is_mapped_again(fleet: Fleet) -> None:
    for health in ("ok", "bad", "ok"):
        page = fleet.read([record(1, health)])

        assert fleet.mapped == [1]
        assert page.items == [Reading(1, health)]


def test_records_may_stand_elsewhere_and_twice(fleet: Fleet) -> None:
    fleet.read([record(1), record(2)])

    page = fleet.read([record(2), record(1), record(2)])

    assert fleet.mapped == []
    assert [item.id for item in page.items] == [2, 1, 2]
    assert page.size == 3


def test_another_basis_maps_everything_again_and_an_equal_one_nothing(fleet: Fleet) -> None:
    fleet.read([record(1)], basis=("old", "names"))
    fleet.read([record(1)], basis=("new", "names"))
    assert fleet.mapped == [1]

    others = ["new", "names"]
    fleet.read([record(1)], basis=tuple(others))
    assert fleet.mapped == []


def test_a_failed_run_is_not_remembered_and_forgets_nothing(fleet: Fleet) -> None:
    fleet.read([record(1)])
    with suppress(OSError), fleet.renewal.run(fleet.into) as run:
        run.page(raws_of([record(2)]), 1)
        raise OSError

    fleet.read([record(1), record(2)])

    assert fleet.mapped == [2]


def test_only_the_records_of_the_last_run_are_remembered(fleet: Fleet) -> None:
    for run in range(50):
        fleet.read(record(number) for number in range(run * 100, run * 100 + 100))

    assert fleet.renewal.remembered == 100
    fleet.read([])
    assert fleet.renewal.remembered == 0


def test_the_bytes_of_the_answer_are_let_go(fleet: Fleet) -> None:
    fleet.read([record(number, note="x" * 10_000) for number in range(20)])

    gc.collect()
    memory = fleet.renewal._last
    referred = gc.get_referents(memory.mapped, memory.drifts)
    assert {type(each) for each in referred} <= {int, Reading, Drift}


def test_an_unknown_word_is_counted_in_every_run(fleet: Fleet) -> None:
    records = [record(number) for number in range(20)] + [record(20, "odd"), record(21, "odd")]
    for _ in range(3):
        page = fleet.read(records)

        (field,) = drifted(page.drift)
        assert (field.name, field.records, field.values) == ("health", 2, ("odd",))
    assert fleet.mapped == []

    page = fleet.read(records[:-1])
    assert drifted(page.drift)[0].records == 1
    assert unknown(drifted(fleet.read(records[:-2]).drift)) == {}


def test_a_record_that_cannot_be_read_is_a_problem_of_every_run(fleet: Fleet) -> None:
    for _ in range(3):
        page = fleet.read([record(1), {"id": "one"}, {"health": "ok"}])

        assert page.problems == 2
        assert page.size == 3
    assert fleet.renewal.remembered == 1


def test_a_missing_field_is_counted_among_changed_and_unchanged_records(fleet: Fleet) -> None:
    records = [{"id": number, "name": "x"} for number in range(10)]
    assert missing(drifted(fleet.read(records).drift)) == {"health": 10}

    records[3] = {"id": 3, "name": "y"}
    assert missing(drifted(fleet.read(records).drift)) == {"health": 10}
    assert fleet.mapped == [3]
    assert missing(drifted(fleet.read(records).drift)) == {"health": 10}


def test_one_unchanged_record_that_has_a_field_shows_that_it_is_not_missing(fleet: Fleet) -> None:
    records = [record(0), *({"id": number, "name": "x"} for number in range(1, 10))]
    fleet.read(records)

    records[5] = {"id": 5, "name": "y"}

    assert missing(drifted(fleet.read(records).drift)) == {}


def test_no_record_is_decoded_to_look_for_a_field_that_an_earlier_page_had(fleet: Fleet) -> None:
    decoded: list[bytes] = []

    class Spy:
        def decode(self, raw: msgspec.Raw) -> Record:
            decoded.append(bytes(raw))
            return DECODER.decode(raw)

    fleet.renewal = Renewal(Spy(), EXPECTED)  # type: ignore[arg-type]
    pages = [
        raws_of([record(number), {"id": number + 1, "name": "x"}]) for number in range(0, 40, 2)
    ]
    for expected in (40, 2):
        decoded.clear()
        with fleet.renewal.run(fleet.into) as run:
            drift = joined(run.page(raws, 40).drift for raws in pages)

        assert len(decoded) == expected
        assert missing(drifted(drift)) == {}


def test_a_field_that_went_missing_with_a_change_is_missed(fleet: Fleet) -> None:
    fleet.read([record(0), *({"id": number, "name": "x"} for number in range(1, 10))])

    page = fleet.read({"id": number, "name": "x"} for number in range(10))

    assert missing(drifted(page.drift)) == {"health": 10}


def test_nothing_is_taken_over_where_fingerprints_are_too_short(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewal_module, "CAN_TELL_APART", False)
    fleet.read([record(1)])

    page = fleet.read([record(1)])

    assert fleet.mapped == [1]
    assert page.items == [Reading(1, "ok")]
