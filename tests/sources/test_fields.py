"""Declarations of fields: what is refused, and what follows from them."""

from collections.abc import Callable
from typing import Annotated

import pytest
from msgspec import Raw, Struct

from exporter.catalogue import SERVER_FAMILIES, SOURCE_FAMILIES
from exporter.sources.calls import Call, selected
from exporter.sources.fields import EXPECTED, Keys, decides, expected, feeds, known
from exporter.sources.vendors import SOURCES

HEALTH, WATTS = "serverfleet_server_health", "serverfleet_server_power_watts"
INFO = "serverfleet_server_info"


class Part(Struct, rename="camel"):
    """A part of a record."""

    power_state: str | None = None
    model: Annotated[str | None, feeds(INFO, label="model", choice=2)] = None


class Record(Struct, rename="camel"):
    """A record of an API."""

    id: Annotated[int, decides(HEALTH, WATTS)]
    model_name: Annotated[str | None, EXPECTED, feeds(INFO, label="model", choice=1)] = None
    first_part: Annotated[
        Part | None, expected(when=lambda record: record.id > 1), feeds(WATTS)
    ] = None
    states: Annotated[dict[str, object] | None, Keys({"summary": (feeds(HEALTH), EXPECTED)})] = None


class Undeclared(Struct):
    """A record with a field that no family needs."""

    name: Annotated[str | None, EXPECTED] = None


class Holder(Struct):
    """A record that holds such a field deeper down."""

    part: list[Undeclared] | None = None


class Page(Struct):
    """What holds records."""

    items: list[Raw]


def test_the_fields_of_a_call_feed_families_by_label_and_in_order_of_choice() -> None:
    found = {feed.family: feed.fields for feed in Call("v1/records", Record, page=Page).feeds}

    assert found == {
        INFO: ("modelName | firstPart.model",),
        WATTS: ("firstPart.powerState",),
        HEALTH: ("states.summary",),
    }


def test_a_call_for_some_families_expects_only_what_these_need() -> None:
    call = Call("v1/records", Record, families=frozenset({HEALTH}), within="records.")
    bare = [Record(2, states={}), Record(3, states={})]

    (drift,) = (each.look(bare) for each in call.expected)

    assert {feed.family for feed in call.feeds} == {HEALTH}
    assert drift.absent == (("records.states.summary", 2),)


def test_a_label_that_the_path_names_is_fed_by_no_field() -> None:
    call = Call("v1/models/{id}", Record, named=("model",))

    assert INFO not in {feed.family for feed in call.feeds}


def test_select_names_the_outermost_fields() -> None:
    assert selected(Record) == "id,modelName,firstPart,states"


@pytest.mark.parametrize("record", [Undeclared, Holder])
def test_a_field_that_no_family_needs_cannot_be_declared(record: type[Struct]) -> None:
    with pytest.raises(TypeError, match=r"name: no family needs it"):
        Call("v1/records", record)


@pytest.mark.parametrize(
    "declare",
    [
        lambda: feeds("serverfleet_server_colour"),
        lambda: decides("serverfleet_server_colour"),
        lambda: feeds(HEALTH, label="colour"),
    ],
    ids=["feeds", "decides", "label"],
)
def test_a_family_or_label_that_the_catalogue_lacks_cannot_be_declared(
    declare: Callable[[], object],
) -> None:
    with pytest.raises(TypeError, match=r"no (family|label)"):
        declare()


def test_every_family_that_is_read_from_the_model_has_a_field() -> None:
    fed = {
        feed.family for kind in SOURCES.values() for feeds in kind.feeds.values() for feed in feeds
    }
    assert {each.name for each in (*SERVER_FAMILIES, *SOURCE_FAMILIES) if each.facet} <= fed


@pytest.mark.parametrize(
    ("text", "is_known"),
    [("NOT_COMPLIANT", True), ("Not Compliant", True), ("not-compliant", True), ("Never", False)],
)
def test_a_known_word_is_known_in_every_spelling(text: str, *, is_known: bool) -> None:
    assert known(("NOT_COMPLIANT",)).has(text) is is_known
