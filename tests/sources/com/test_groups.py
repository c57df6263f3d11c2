"""Which groups are there, who is in them, and who is not as they ask?"""

from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from exporter.errors import NotAvailableError
from exporter.model import (
    Collected,
    ComplianceState,
    ConfigCompliance,
    FirmwareCompliance,
    GroupCompliances,
    GroupComplianceState,
    GroupMembership,
    GroupSizes,
)
from exporter.sources.com.compliance import (
    config_compliance_of,
    firmware_compliance_of,
    group_from,
)
from exporter.sources.com.records import ComplianceRecord, GroupRecord
from exporter.sources.com.vocabulary import OF_GROUP, OF_SERVER
from exporter.sources.drift import Unseen, drifted
from tests.support.drift import unknown

if TYPE_CHECKING:
    from tests.sources.com.conftest import Call, FakeClock, FakeCom, Reply, Run

GROUPS = "v1/groups"
FIRMWARE = "v1/groups/g1/compliance"
SETTINGS = "v1beta3/groups/g1/ilo-settings-compliance"
COMPLIANT, NONCOMPLIANT, UNKNOWN = (
    ComplianceState.COMPLIANT,
    ComplianceState.NONCOMPLIANT,
    ComplianceState.UNKNOWN,
)


def group(number: int, *members: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"g{number}",
        "name": f"Group {number}",
        "deviceType": "DIRECT_CONNECT_SERVER",
        "devices": [{"deviceId": f"P1-B21+S{each}", "serial": f"S{each}"} for each in members],
        **more,
    }


def report(number: int, state: object = "COMPLIANT", **more: Any) -> dict[str, Any]:
    return {
        "deviceId": f"P1-B21+S{number}",
        "complianceCategory": "FIRMWARE",
        "complianceState": state,
        **more,
    }


def reports(*items: dict[str, Any]) -> dict[str, Any]:
    return {"offset": 0, "count": len(items), "total": len(items), "items": list(items)}


def serve(com: "FakeCom", items: list[dict[str, Any]]) -> None:
    """Serve groups; the first page of a list is asked for without an offset."""

    def answer(call: "Call") -> "Reply":
        skip, limit = int(call.query.get("offset", "0")), int(call.query["limit"])
        return 200, {"total": len(items), "items": items[skip : skip + limit]}

    com.replies[GROUPS] = answer


def by_id(found: Collected, facet: type) -> dict[str, Any]:
    return next(dict(column.by_id) for column in found.columns if column.facet is facet)


async def test_groups_have_sizes_members_and_compliance(com: "FakeCom", run: "Run") -> None:
    serve(
        com,
        [
            group(2, complianceStatus="Not Compliant"),
            group(1, 1, 2, groupCompliance={"firmware": {"status": "Compliant"}}),
            group(3, 2, devices=None),
        ],
    )
    com.reply(FIRMWARE, 200, reports(report(1, "Not Compliant", score=56), report(2, score=100)))
    com.reply(SETTINGS, 200, reports(report(1, complianceCategory="ILO_SETTINGS")))

    found = await run("groups")

    assert found.source_facets == (
        GroupSizes((("Group 1", 2), ("Group 2", 0))),
        GroupCompliances(
            (
                ("Group 1", GroupComplianceState.COMPLIANT),
                ("Group 2", GroupComplianceState.NONCOMPLIANT),
            )
        ),
    )
    first, second = "P1-B21+S1", "P1-B21+S2"
    both = GroupMembership(("Group 1",))
    assert by_id(found, GroupMembership) == {first: both, second: both}
    assert by_id(found, FirmwareCompliance) == {
        first: FirmwareCompliance(state=NONCOMPLIANT, score=0.56),
        second: FirmwareCompliance(state=COMPLIANT, score=1.0),
    }
    assert by_id(found, ConfigCompliance) == {first: ConfigCompliance(COMPLIANT)}
    assert (found.items, found.problems, found.warnings) == (6, 0, ())


async def test_a_group_may_have_all_servers_of_a_very_large_fleet(
    com: "FakeCom", run: "Run"
) -> None:
    members = [
        {
            "deviceId": f"P54199-B21+MXQ{number:07}",
            "serial": f"MXQ{number:07}",
            "productId": "P54199-B21",
            "overallSecurityStatus": "OK",
            "subscriptionState": "SUBSCRIBED",
            "subscriptionTier": "ENHANCED",
        }
        for number in range(60_000)
    ]
    serve(com, [group(1, devices=members), group(2, 1)])

    found = await run("groups")

    assert found.source_facets[0] == GroupSizes((("Group 1", 60_000), ("Group 2", 1)))
    assert len(by_id(found, GroupMembership)) == 60_001
    assert found.problems == 0


async def test_only_groups_with_servers_are_asked_for_compliance(
    com: "FakeCom", run: "Run"
) -> None:
    serve(com, [group(1), group(2, 1, deviceType="OVE_APPLIANCE_VM"), group(3, 2)])

    found = await run("groups")

    assert [call.url.path.split("/")[4] for call in com.calls[1:]] == ["g3", "g3"]
    assert by_id(found, FirmwareCompliance) == {}
    assert found.warnings == ()


async def test_the_reports_are_asked_for_without_a_limit(com: "FakeCom", run: "Run") -> None:
    serve(com, [group(1, 1)])
    com.reply(FIRMWARE, 200, reports(report(1)))

    await run("groups")

    assert [call.query for call in com.asked(FIRMWARE)] == [{}]


async def test_reports_that_come_in_pages_all_the_same_are_read_to_the_end(
    com: "FakeCom", run: "Run"
) -> None:
    serve(com, [group(1, *range(25))])
    items = [report(number) for number in range(25)]

    def capped(call: "Call") -> "Reply":
        skip = int(call.query.get("offset", "0"))
        return 200, {"total": 25, "items": items[skip : skip + 10]}

    com.replies[FIRMWARE] = capped

    assert len(by_id(await run("groups"), FirmwareCompliance)) == 25


@pytest.mark.parametrize("status", [400, 403])
async def test_refused_reports_are_a_warning_and_not_asked_for_again(
    com: "FakeCom", run: "Run", status: int
) -> None:
    serve(com, [group(number, number) for number in range(1, 30)])
    for number in range(1, 30):
        com.reply(f"v1beta3/groups/g{number}/ilo-settings-compliance", status, {})
        com.reply(f"v1/groups/g{number}/compliance", 200, reports(report(number)))

    found = await run("groups")

    assert len(by_id(found, FirmwareCompliance)) == 29
    (warning,) = found.warnings
    assert "ilo-settings" in warning
    assert sum("ilo-settings" in call.url.path for call in com.calls) < 20 + 4


async def test_a_refusal_of_reports_is_warned_of_in_the_api_s_own_words_the_same_each_time(
    com: "FakeCom", run: "Run"
) -> None:
    serve(com, [group(1, 1), group(2, 2)])
    calls: list[int] = []

    def refused(_: "Call") -> "Reply":
        calls.append(1)
        return 400, {
            "errorCode": "HPE-GL-COMPUTE_OPS-0500001",
            "message": "not offered\x1b[31m\nhere for token-1",
            "debugId": f"debug-{len(calls)}",
            "errorDetails": [{"issues": [{"subject": "group", "description": "is of OneView"}]}],
        }

    for number in (1, 2):
        com.reply(f"v1/groups/g{number}/compliance", 200, reports(report(number)))
        com.replies[f"v1beta3/groups/g{number}/ilo-settings-compliance"] = refused

    first, second = await run("groups"), await run("groups")

    assert first.warnings == second.warnings
    (warning,) = first.warnings
    assert warning.startswith(
        "v1beta3/groups/{id}/ilo-settings-compliance: HTTP 400 (HPE-GL-COMPUTE_OPS-0500001: "
    )
    assert warning.endswith(": group: is of OneView)")
    assert "not offered" in warning
    assert warning.isprintable()
    assert "token-1" not in warning
    assert "debug" not in warning


async def test_reports_of_one_group_that_fail_cost_only_that_group_and_stay_for_a_while(
    com: "FakeCom", run: "Run", clock: "FakeClock"
) -> None:
    serve(com, [group(1, 1), group(2, 2)])
    com.reply("v1/groups/g1/compliance", 200, reports(report(1)))
    com.reply("v1/groups/g2/compliance", 200, reports(report(2)))
    await run("groups")
    com.reply("v1/groups/g1/compliance", 500, {})

    found = await run("groups")

    assert len(by_id(found, FirmwareCompliance)) == 2
    assert found.problems == 1
    assert found.warnings == ("v1/groups/{id}/compliance: HTTP 500",)
    clock.now += 1801
    assert len(by_id(await run("groups"), FirmwareCompliance)) == 1


async def test_reports_without_a_total_are_read_whole(com: "FakeCom", run: "Run") -> None:
    serve(com, [group(1, *range(25))])
    items = [report(number) for number in range(25)]
    com.reply(FIRMWARE, 200, {"count": 25, "items": items})
    com.reply(GROUPS, 200, {"items": [group(1, *range(25))]})

    found = await run("groups")

    assert len(by_id(found, FirmwareCompliance)) == 25
    assert len(com.asked(FIRMWARE)) == 1


async def test_forbidden_groups_are_not_available(com: "FakeCom", run: "Run") -> None:
    com.reply(GROUPS, 403, {"debugId": "1"})

    with pytest.raises(NotAvailableError, match="role Viewer"):
        await run("groups")


async def test_groups_of_a_tenant_are_never_asked_for(com: "FakeCom", run: "Run") -> None:
    with pytest.raises(NotAvailableError, match="tenant of an MSP workspace"):
        await run("groups", tenant_acid="0123456789abcdef0123456789abcdef")

    assert com.calls == []


async def test_two_groups_of_one_name_would_be_one_series(com: "FakeCom", run: "Run") -> None:
    serve(com, [group(2, 7, name="web"), group(1, name=" web "), group(3, name=None)])

    found = await run("groups")

    assert found.source_facets[0] == GroupSizes((("g3", 0), ("web", 0)))
    assert found.problems == 1


async def test_a_server_in_several_groups_has_all_of_them(com: "FakeCom", run: "Run") -> None:
    serve(com, [group(2, 1), group(1, 1, 1)])

    found = await run("groups")

    assert by_id(found, GroupMembership) == {"P1-B21+S1": GroupMembership(("Group 1", "Group 2"))}


def test_the_id_of_a_member_can_be_made_of_its_parts() -> None:
    devices = [
        {"productId": "P1-B21", "serial": "S1"},
        {"deviceId": None, "serial": "S2"},
        {},
    ]

    found = group_from(msgspec.convert(group(1, devices=devices), GroupRecord), Unseen())

    assert found.members == ("P1-B21+S1", "", "")


@pytest.mark.parametrize(
    ("record", "state"),
    [
        ({}, None),
        ({"complianceStatus": None, "groupCompliance": None}, None),
        ({"complianceStatus": "COMPLIANT"}, "compliant"),
        ({"complianceStatus": "NOT_APPLICABLE"}, "not_applicable"),
        ({"complianceStatus": "New Word"}, "unknown"),
        ({"groupCompliance": {"firmware": None, "iloSettings": {}}}, None),
        ({"groupCompliance": {"firmware": {"status": "Not Compliant"}}}, "noncompliant"),
        ({"complianceStatus": "COMPLIANT", "groupCompliance": {"firmware": {}}}, "compliant"),
        *(
            (
                {
                    "complianceStatus": status,
                    "groupCompliance": {
                        "summary": summary,
                        "firmware": {"status": "Compliant"},
                        "iloSettings": {"status": "Unknown", "statusReason": "Not Initiated"},
                    },
                },
                state,
            )
            for summary, status, state in (
                ("Compliant", "UNKNOWN", "compliant"),
                ("COMPLIANT", None, "compliant"),
                ("Not Compliant", "COMPLIANT", "noncompliant"),
                ("Not Initiated", "COMPLIANT", "unknown"),
                (None, "NOT_COMPLIANT", "noncompliant"),
                (" ", "COMPLIANT", "compliant"),
                (None, None, "compliant"),
            )
        ),
        *(
            (
                {
                    "groupCompliance": {
                        "firmware": {"status": one},
                        "iloSettings": {"status": other},
                    },
                },
                state,
            )
            for one, other, state in (
                ("Compliant", "Not Compliant", "noncompliant"),
                ("Unknown", "Not Compliant", "noncompliant"),
                ("Unknown", "Compliant", "unknown"),
                ("Compliant", "Unknown", "compliant"),
                ("Compliant", "Not Initiated", "compliant"),
                ("Not Compliant", "Not Initiated", "noncompliant"),
                (None, "Not Initiated", "unknown"),
                ("Unknown", "Unknown", "unknown"),
                ("Not Applicable", "Compliant", "compliant"),
                ("Not Applicable", "Not Applicable", "not_applicable"),
            )
        ),
    ],
)
def test_a_group_is_as_com_judges_it_or_as_bad_as_the_worst_of_its_parts(
    record: dict[str, Any], state: str | None
) -> None:
    unseen = Unseen()
    found = group_from(msgspec.convert({"id": "g", **record}, GroupRecord), unseen)

    assert found.compliance == state
    assert len(unseen.drift.unknown) == (record.get("complianceStatus") == "New Word")


def converted(*items: dict[str, Any]) -> list[ComplianceRecord]:
    return [msgspec.convert(item, ComplianceRecord) for item in items]


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("COMPLIANT", COMPLIANT),
        ("Compliant", COMPLIANT),
        ("NOT_COMPLIANT", NONCOMPLIANT),
        ("Not Compliant", NONCOMPLIANT),
        ("Not_compliant", NONCOMPLIANT),
        ("unknown", UNKNOWN),
        ("Not Initiated", UNKNOWN),
        ("New Word", UNKNOWN),
        ("Not Applicable", None),
        ("", None),
        (None, None),
    ],
)
async def test_the_compliance_of_a_server(word: object, state: ComplianceState | None) -> None:
    firmware = await firmware_compliance_of(converted(report(1, word)), Unseen())
    settings = await config_compliance_of(converted(report(1, word)), Unseen())

    assert [item.state for item in firmware.values()] == ([] if state is None else [state])
    assert [item.state for item in settings.values()] == ([] if state is None else [state])


def test_every_documented_word_has_a_meaning() -> None:
    documented = {"COMPLIANT", "NOT_COMPLIANT", "UNKNOWN", "NOT_APPLICABLE"}

    assert documented <= set(OF_GROUP)
    assert documented <= set(OF_SERVER)


@pytest.mark.parametrize(
    ("state", "score", "ratio"),
    [
        ("COMPLIANT", 100, 1.0),
        ("NOT_COMPLIANT", 0, 0.0),
        ("NOT_COMPLIANT", 56, 0.56),
        ("NOT_COMPLIANT", 101, None),
        ("NOT_COMPLIANT", -1, None),
        ("NOT_COMPLIANT", "56", None),
        ("NOT_COMPLIANT", None, None),
        ("UNKNOWN", 0, None),
    ],
)
async def test_the_score_is_a_ratio(state: str, score: object, ratio: float | None) -> None:
    (found,) = (
        await firmware_compliance_of(converted(report(1, state, score=score)), Unseen())
    ).values()

    assert found.score == ratio


async def test_a_server_in_several_groups_has_its_worst() -> None:
    items = (
        report(1, "COMPLIANT", score=100),
        report(1, "NOT_COMPLIANT", score=70),
        report(1, "UNKNOWN", score=0),
    )

    for order in (items, items[::-1]):
        firmware = await firmware_compliance_of(converted(*order), Unseen())
        assert list(firmware.values()) == [FirmwareCompliance(state=NONCOMPLIANT, score=0.7)]
        settings = await config_compliance_of(converted(*order), Unseen())
        assert list(settings.values()) == [ConfigCompliance(NONCOMPLIANT)]


async def test_reports_on_ilo_settings_are_not_about_firmware() -> None:
    items = converted(report(1, "NOT_COMPLIANT", complianceCategory="ILO_SETTINGS"))

    assert await firmware_compliance_of(items, Unseen()) == {}


async def test_a_report_of_a_category_nobody_knows_is_not_taken_for_firmware_and_is_named() -> None:
    unseen = Unseen()
    odd = [{**report(1, "COMPLIANT"), "complianceCategory": "SOUL"}]

    assert await firmware_compliance_of(converted(*odd), unseen) == {}
    assert unknown(drifted(unseen.drift)) == {"compliance.complianceCategory": ("SOUL",)}
