"""What do the lists of jobs, appliances, firmware and contracts say?"""

from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from exporter.errors import NotAvailableError, Reason, SourceError
from exporter.model import Appliances, Firmware, Jobs, Warranty
from exporter.sources.com.firmware import component_of, firmware_from
from exporter.sources.com.server_record import FirmwareRecord
from tests.support.drift import unknown

if TYPE_CHECKING:
    from tests.sources.com.conftest import Call, FakeCom, Reply, Run

JOBS = "v1/jobs"
GATEWAYS = "v1beta2/appliances"
ONEVIEW = "v1beta1/oneview-appliances"
WARRANTY = "v1beta2/server-warranty"
SERVERS = "v1/servers"
ID = "P1-B21+S1"


def serve(com: "FakeCom", path: str, items: list[Any]) -> None:
    def answer(call: "Call") -> "Reply":
        skip, limit = int(call.query.get("offset", "0")), int(call.query["limit"])
        return 200, {"total": len(items), "items": items[skip : skip + limit]}

    com.replies[path] = answer


def job(number: int, state: str | None, result: str | None = None, **more: Any) -> dict[str, Any]:
    return {
        "id": f"j{number}",
        "state": state,
        "resultCode": result,
        "updatedAt": "2025-06-15T12:00:00.250000+00:00",
        **more,
    }


def serve_jobs(com: "FakeCom", unfinished: list[Any], failed: list[Any] | int) -> None:
    def answer(call: "Call") -> "Reply":
        items = failed if "updatedAt" in call.query["filter"] else unfinished
        if isinstance(items, int):
            return items, {"message": "the filter is not supported"}
        return 200, {"total": len(items), "items": items}

    com.replies[JOBS] = answer


async def test_jobs_are_counted_by_state(com: "FakeCom", run: "Run") -> None:
    unfinished = ["PENDING", "Approval Pending", "RUNNING", "running", "STALLED", "COMPLETE"]
    serve_jobs(
        com,
        [job(number, state) for number, state in enumerate(unfinished)],
        [
            job(10, "ERROR"),
            job(11, "COMPLETE", "FAILURE"),
            job(12, "Complete", "Failure"),
            job(13, "COMPLETE", "SUCCESS"),
            job(14, "RUNNING", "FAILURE"),
            job(15, "ERROR", updatedAt="2025-06-14T00:00:00Z"),
            job(16, "ERROR", updatedAt=None),
            job(17, "ERROR", updatedAt="yesterday"),
        ],
    )

    found = await run("jobs")

    assert found.source_facets == (
        Jobs((("pending", 2), ("running", 2), ("stalled", 1), ("failed", 3))),
    )
    assert (found.items, found.problems, found.warnings) == (14, 1, ())


async def test_a_failure_in_the_future_is_not_counted_and_named(com: "FakeCom", run: "Run") -> None:
    future = "2025-06-15T15:11:41Z"
    serve_jobs(com, [], [job(1, "ERROR", updatedAt="2025-06-15T15:11:40Z"),
                         job(2, "ERROR", updatedAt=future)])  # fmt: skip

    found = await run("jobs")

    (counted,) = found.source_facets
    assert isinstance(counted, Jobs)
    assert dict(counted.counts)["failed"] == 1
    assert unknown(found.drift) == {"updatedAt": ("<future>",)}


async def test_only_what_counts_is_asked_for(com: "FakeCom", run: "Run") -> None:
    serve_jobs(com, [], [])

    found = await run("jobs")

    assert found.source_facets == (
        Jobs((("pending", 0), ("running", 0), ("stalled", 0), ("failed", 0))),
    )
    filters = [call.query["filter"] for call in com.asked(JOBS)]
    assert filters == [
        "state in ('PENDING','APPROVAL_PENDING','RUNNING','STALLED',"
        "'pending','approval_pending','running','stalled')",
        "updatedAt ge 2025-06-14T15:06:40Z and "
        "(state in ('ERROR','error') or resultCode in ('FAILURE','failure'))",
    ]
    assert {call.query["limit"] for call in com.asked(JOBS)} == {"500"}


async def test_failures_that_cannot_be_asked_for_are_absent(com: "FakeCom", run: "Run") -> None:
    serve_jobs(com, [job(1, "RUNNING")], 400)

    found = await run("jobs")

    assert found.source_facets == (Jobs((("pending", 0), ("running", 1), ("stalled", 0))),)
    assert found.warnings == (
        "v1/jobs: failed jobs cannot be asked for: HTTP 400 (the filter is not supported)",
    )


async def test_jobs_in_states_nobody_knows_are_problems(com: "FakeCom", run: "Run") -> None:
    serve_jobs(com, [job(1, "DREAMING"), job(2, None), job(3, "RUNNING")], [])

    found = await run("jobs")

    assert found.problems == 2
    assert unknown(found.drift) == {"state": ("DREAMING",)}


async def test_an_api_in_trouble_fails_the_jobs(com: "FakeCom", run: "Run") -> None:
    serve_jobs(com, [], 500)

    with pytest.raises(SourceError) as caught:
        await run("jobs", http={"timeout": "1s"})

    assert caught.value.reason is Reason.HTTP_5XX


async def test_missing_jobs_are_a_failure_and_forbidden_ones_are_not(
    com: "FakeCom", run: "Run"
) -> None:
    with pytest.raises(SourceError) as caught:
        await run("jobs")
    assert caught.value.reason is Reason.HTTP_4XX

    com.reply(JOBS, 403, {})
    with pytest.raises(NotAvailableError, match="role Viewer"):
        await run("jobs")


def appliances(*states: str | None) -> list[dict[str, Any]]:
    return [{"id": f"gateway+{number}", "state": state} for number, state in enumerate(states)]


async def test_appliances_are_counted_in_either_case(com: "FakeCom", run: "Run") -> None:
    serve(com, GATEWAYS, appliances("CONNECTED", "DISCONNECTED", "CONNECTED"))
    serve(com, ONEVIEW, appliances("connected", "not activated", "disconnected"))

    found = await run("appliances")

    assert found.source_facets == (
        Appliances(
            (
                ("gateway", "connected", 2),
                ("gateway", "not_activated", 0),
                ("gateway", "disconnected", 1),
                ("oneview", "connected", 1),
                ("oneview", "not_activated", 1),
                ("oneview", "disconnected", 1),
            )
        ),
    )
    assert (found.items, found.problems, found.warnings) == (6, 0, ())
    assert all(call.query == {"limit": "1000"} for call in com.calls)


async def test_appliances_in_states_nobody_knows_are_problems(com: "FakeCom", run: "Run") -> None:
    serve(com, GATEWAYS, appliances("asleep", None, "CONNECTED"))
    serve(com, ONEVIEW, [])

    found = await run("appliances")

    assert found.problems == 2
    assert unknown(found.drift) == {"appliances.state": ("ASLEEP",)}


@pytest.mark.parametrize("status", [403, 404])
async def test_one_kind_of_appliance_may_be_missing_but_not_both(
    com: "FakeCom", run: "Run", status: int
) -> None:
    serve(com, GATEWAYS, appliances("CONNECTED"))
    com.reply(ONEVIEW, status, {})

    found = await run("appliances")
    (facet,) = found.source_facets
    assert isinstance(facet, Appliances)
    assert {kind for kind, _, _ in facet.counts} == {"gateway"}
    assert f"HTTP {status}" in found.warnings[0]

    com.reply(GATEWAYS, status, {})
    with pytest.raises(NotAvailableError, match="oneview-appliances"):
        await run("appliances")


async def test_more_appliances_of_a_kind_than_a_page_has_cost_that_kind(
    com: "FakeCom", run: "Run"
) -> None:
    serve(com, GATEWAYS, appliances(*["CONNECTED"] * 1001))
    serve(com, ONEVIEW, [])

    found = await run("appliances")

    (facet,) = found.source_facets
    assert isinstance(facet, Appliances)
    assert {kind for kind, _, _ in facet.counts} == {"oneview"}
    assert "more than 1000 items" in found.warnings[0]
    assert found.problems == 1
    assert all("offset" not in call.query for call in com.calls)


async def test_the_latest_contract_of_a_server_counts(com: "FakeCom", run: "Run") -> None:
    ends = ["2027-01-01T00:00:00Z", "2029-01-01", "2028-01-01T00:00:00+00:00", None, "soon"]
    contracts = [{"deviceId": ID, "supportEndDate": end} for end in ends]
    others = [{"deviceId": f"P1-B21+X{number}", "supportEndDate": ""} for number in range(250)]
    serve(com, WARRANTY, [*contracts, *others, {"deviceId": None}])

    found = await run("warranty")

    assert dict(found.columns[0].by_id) == {ID: Warranty(1861920000.0)}
    assert (found.items, found.problems) == (255, 2)
    asked = [call.query for call in com.asked(WARRANTY)]
    assert [query.get("offset") for query in asked] == ["0", "100", "200"]
    assert {query["limit"] for query in asked} == {"100"}


async def test_an_end_that_cannot_be_read_is_a_skipped_reading(com: "FakeCom", run: "Run") -> None:
    ends = ("2030-01-01T00:00:00Z", "01/01/2031", None, "N/A")
    serve(
        com,
        WARRANTY,
        [
            {"deviceId": ID, "id": f"w{place}", "supportEndDate": end}
            for place, end in enumerate(ends)
        ],
    )

    found = await run("warranty")

    assert (found.items, found.problems) == (4, 1)


async def test_a_warranty_that_is_not_offered_is_not_available(com: "FakeCom", run: "Run") -> None:
    with pytest.raises(NotAvailableError, match="HTTP 404"):
        await run("warranty")


def inventory(*items: tuple[str | None, str | None]) -> FirmwareRecord:
    listed = [{"name": name, "version": version} for name, version in items]
    return msgspec.convert({"id": ID, "firmwareInventory": listed}, FirmwareRecord)


async def test_firmware_is_read_alone_and_bios_and_bmc_by_default(
    com: "FakeCom", run: "Run"
) -> None:
    parts = [
        {"name": "iLO 6", "version": " 1.62 May 16 2025 "},
        {"name": "System ROM", "version": "U54 v2.56"},
        {"name": "Redundant System ROM", "version": "U54 v2.54"},
    ]
    serve(
        com,
        SERVERS,
        [
            {"id": ID, "firmwareInventory": parts},
            {"id": "P1-B21+S2", "firmwareInventory": None},
            {"id": "P1-B21+S3"},
            {"id": "P1-B21+S4", "firmwareInventory": []},
        ],
    )

    found = await run("firmware")

    assert dict(found.columns[0].by_id) == {
        ID: Firmware((("bios", "U54 v2.56"), ("bmc", "1.62 May 16 2025")))
    }
    assert com.calls[0].query == {
        "limit": "100",
        "offset": "0",
        "select": "id,firmwareInventory",
    }


async def test_all_firmware_is_a_choice(com: "FakeCom", run: "Run") -> None:
    parts = [{"name": "iLO 6", "version": "1"}, {"name": "Embedded Video", "version": "2"}]
    serve(com, SERVERS, [{"id": ID, "firmwareInventory": parts}])

    found = await run("firmware", collectors={"firmware": {"components": "all"}})

    assert found.columns[0].by_id[ID] == Firmware((("bmc", "1"), ("embedded_video", "2")))


def test_of_parts_with_one_name_the_first_is_taken() -> None:
    record = inventory(("Power Supply", None), ("Power Supply", "1.0"), ("Power Supply", "2.0"))

    assert firmware_from(record) == Firmware((("power_supply", "1.0"),))


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("iLO 5", "bmc"),
        ("iLO 7", "bmc"),
        ("ilo", "bmc"),
        ("System ROM", "bios"),
        (" system rom ", "bios"),
        ("Redundant System ROM", "redundant_system_rom"),
        ("HPE Smart Array P408i-a SR Gen10", "hpe_smart_array_p408i_a_sr_gen10"),
        ("10/25Gb 2-port SFP28", "10_25gb_2_port_sfp28"),
        ("Mellanox Network Adapter - 88:E9:A4:00:00:01", "mellanox_network_adapter"),
        ("Adapter 88-e9-a4-00-00-01 Port 1", "adapter_port_1"),
        ("HBA 20:00:f4:e9:d4:00:00:01", "hba"),
        ("iLO 5 Something", "ilo_5_something"),
        ("x" * 100, "x" * 64),
        ("Größe", "gr_e"),
        ("???", ""),
        ("None", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_parts_have_bounded_words(name: str | None, word: str) -> None:
    assert component_of(name) == word


@pytest.mark.parametrize("version", ["", None, "None", "N/A", "  "])
def test_a_part_without_version_is_absent(version: str | None) -> None:
    assert firmware_from(inventory(("System ROM", version))) is None


def counted(com: "FakeCom", path: str, items: list[Any], total: int) -> None:
    com.reply(path, 200, {"total": total, "count": len(items), "items": items})


async def test_an_empty_list_with_a_count_is_believed_where_the_count_was_never_right(
    com: "FakeCom", run: "Run"
) -> None:
    counted(com, GATEWAYS, [], 3)
    counted(com, ONEVIEW, [], 0)

    for _ in range(2):
        found = await run("appliances")

        assert found.warnings == (
            f"{GATEWAYS}: the API counts 3 items but returns the same 0 each time; "
            "its count is taken to be wrong",
        )
        counted(com, GATEWAYS, [{"id": "a", "state": "CONNECTED"}], 3)
        assert len((await run("appliances")).warnings) == 1
        counted(com, GATEWAYS, [], 3)


async def test_an_empty_list_costs_nothing_where_the_count_was_right_before(
    com: "FakeCom", run: "Run"
) -> None:
    counted(com, GATEWAYS, [{"id": "a", "state": "CONNECTED"}], 1)
    counted(com, ONEVIEW, [], 0)
    good = await run("appliances")
    counted(com, GATEWAYS, [], 1)

    found = await run("appliances")

    assert found.source_facets == good.source_facets
    assert found.problems == 1
    assert "0 items came where the API counts 1" in found.warnings[0]


async def test_contracts_that_are_counted_and_do_not_come_are_a_failure(
    com: "FakeCom", run: "Run"
) -> None:
    counted(com, WARRANTY, [], 5)

    with pytest.raises(SourceError) as caught:
        await run("warranty")

    assert caught.value.reason is Reason.TRUNCATED


@pytest.mark.parametrize("count", [999, 1000])
async def test_a_list_without_a_second_page_is_whole_when_its_page_is_full(
    com: "FakeCom", run: "Run", count: int
) -> None:
    items = [{"id": str(number), "state": "CONNECTED"} for number in range(count)]
    counted(com, GATEWAYS, items, count)
    counted(com, ONEVIEW, [], 0)

    found = await run("appliances")

    assert (found.items, found.warnings) == (count, ())
    assert len(com.asked(GATEWAYS)) == 1
