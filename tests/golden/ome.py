"""The recorded answers of Dell OpenManage Enterprise as a page of `/metrics`.

The recordings are of several appliances. To form one fleet, each is served for the device that
`DEVICE` names, with the id and the service tag of that device in place of its own. Invented are the
two ids of the chassis, the members of groups, and the session token.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from aiohttp import web

from tests.golden.recorded import Answers, Item, always, sample, serving
from tests.golden.served import config_of, page_of

NOW: Final = datetime(2023, 7, 3, 3, 5, tzinfo=UTC).timestamp()
"""Minutes after the devices were recorded."""
BLADE_OFF, RACK, BLADE_CRITICAL, BLADE_WARNING, RACK_OLD = 123450, 123456, 123458, 123459, 123460
"""The devices of the recorded list: all of them are servers."""
CHASSIS: Final = 123461
"""The recorded chassis has no `Id`."""
DEVICE: Final = {
    "GET_DeviceService_Devices_id_SubSystemHealth_server.json": BLADE_CRITICAL,
    "GET_DeviceService_Devices_id_SubSystemHealth_chassis.json": CHASSIS,
    "GET_DeviceService_Devices_id_Power.json": BLADE_OFF,
    "GET_DeviceService_Devices_id_Temperature.json": RACK_OLD,
    "GET_DeviceService_Devices_id_InventoryDetails.json": RACK,
    "GET_AlertService_Alerts.json": BLADE_CRITICAL,
    "GET_WarrantyService_Warranties.json": RACK_OLD,
    "GET_UpdateService_Baselines_with_DeviceComplianceReports_item.json": RACK_OLD,
    "GET_TemplateService_Baselines_id_DeviceConfigComplianceReports.json": BLADE_WARNING,
    "GET_TemplateService_Baselines_id_DeviceConfigComplianceReports_with_attributes.json": RACK,
}
"""The device for which each recording is served."""
MEMBERS: Final = {1011: (RACK,), 12656: (RACK_OLD,), 12655: (), 12123: ()}
"""The devices of each group itself: none is recorded; a group with `GlobalStatus` 5000 is empty."""
MERGED: Final = frozenset({"ExecutionHistories", "LastExecutionDetail", "DeviceComplianceReports"})
"""Fields that were recorded in one document with an item, and have a path of their own."""


async def page() -> str:
    """Return the stable part of the page."""
    async with serving(_answers()) as url:
        source = {
            "name": "ome",
            "type": "ome",
            "url": url,
            "username": "user",
            "password": "secret",
            "device_types": [1000, 2000],
            "collectors": {"alerts": {"severities": ["critical", "warning", "info"]}},
        }
        return await page_of(config_of([source]), NOW, url)


def _answers() -> Answers:
    answers = {
        **_sessions(),
        **_of_devices(),
        **_groups(),
        **_baselines(),
        "AlertService/Alerts": _list(_alerts()),
        "WarrantyService/Warranties": _list(_warranties()),
        "JobService/Jobs": _list(_jobs()),
        "PowerService/MonitoredDevices": _list(_values("GET_PowerService_MonitoredDevices.json")),
    }
    return {path if " " in path else f"GET /api/{path}": answer for path, answer in answers.items()}


def _sessions() -> Answers:
    """Return login and logout; the token, which is in a header, is not recorded."""
    session = sample("ome/POST_SessionService_Sessions_response_2023.json")
    path = "/api/SessionService/Sessions"
    return {
        f"POST {path}": always(session, 201, X_Auth_Token="token"),
        f"DELETE {path}('{session['Id']}')": lambda _: web.Response(status=204),
    }


def _of_devices() -> Answers:
    """Return the list of devices, and what each one says about itself."""
    answers = {"DeviceService/Devices": _list([*_devices(), _chassis()])}
    for part in ("SubSystemHealth_server", "SubSystemHealth_chassis", "Power", "Temperature"):
        name = f"GET_DeviceService_Devices_id_{part}.json"
        path = f"DeviceService/Devices({DEVICE[name]})/{part.partition('_')[0]}"
        answers[path] = always(sample(f"ome/{name}"))
    name = "GET_DeviceService_Devices_id_InventoryDetails.json"
    for each in _values(name):
        path = f"DeviceService/Devices({DEVICE[name]})/InventoryDetails('{each['InventoryType']}')"
        answers[path] = always(each)
    return answers


def _devices() -> list[Item]:
    return _values("GET_DeviceService_Devices.json")


def _chassis() -> Item:
    """Return the recorded chassis; its documentation leaves out both ids."""
    (chassis,) = _values("GET_DeviceService_Devices_MX7000_chassis_item.json")
    return {**chassis, "Id": CHASSIS, "Identifier": chassis["DeviceServiceTag"]}


def _groups() -> Answers:
    """Return the list of groups, subgroups included, and the devices of each."""
    (parent,) = _values("GET_GroupService_Groups_filter_Name_expand_SubGroups.json")
    single = ("GET_GroupService_Groups_item_All_Devices.json",
              "GET_GroupService_Groups_item_user_static.json")  # fmt: skip
    items = [*(sample(f"ome/{name}") for name in single), parent, *parent["SubGroups"]]
    subgroups = {each["Id"]: MEMBERS[each["Id"]] for each in parent["SubGroups"]}
    answers = {"GroupService/Groups": _list(items)}
    for group, own in MEMBERS.items():
        below = subgroups.values() if group == parent["Id"] else ()
        leaves = (*own, *(device for some in below for device in some))
        for path, ids in (("Devices", own), ("AllLeafDevices", leaves)):
            answers[f"GroupService/Groups({group})/{path}"] = _list(
                [each for each in _devices() if each["Id"] in ids]
            )
    return answers


def _baselines() -> Answers:
    """Return firmware and template baselines; the first of each kind has a recorded report."""
    firmware = "GET_UpdateService_Baselines_with_DeviceComplianceReports_item.json"
    config = "GET_TemplateService_Baselines_id_DeviceConfigComplianceReports{}.json"
    plain, detailed = config.format(""), config.format("_with_attributes")
    (judged,) = sample(f"ome/{firmware}")
    update = (judged, sample("ome/GET_UpdateService_Baselines_item.json"))
    listed, single = (
        *_values("GET_TemplateService_Baselines.json"),
        sample("ome/GET_TemplateService_Baselines_item.json"),
    )
    of = "TemplateService/Baselines({})/DeviceConfigComplianceReports"
    return {
        "UpdateService/Baselines": _list([_alone(each) for each in update]),
        f"UpdateService/Baselines({judged['Id']})/DeviceComplianceReports": _list(
            _named(firmware, judged["DeviceComplianceReports"], "DeviceId", "ServiceTag")
        ),
        "TemplateService/Baselines": _list([listed, single]),
        of.format(listed["Id"]): _list(_named(plain, _values(plain), "Id", "ServiceTag")),
        of.format(single["Id"]): _list(
            _named(detailed, sample(f"ome/{detailed}"), "Id", "ServiceTag")
        ),
    }


def _alerts() -> list[Item]:
    name = "GET_AlertService_Alerts.json"
    return _named(name, _values(name), "AlertDeviceId", "AlertDeviceIdentifier")


def _warranties() -> list[Item]:
    name = "GET_WarrantyService_Warranties.json"
    return _named(name, _values(name), "DeviceId", "DeviceIdentifier")


def _jobs() -> list[Item]:
    single = sample("ome/GET_JobService_Jobs_id_builtin_inventory.json")
    return [_alone(each) for each in (*_values("GET_JobService_Jobs.json"), single)]


def _named(name: str, items: list[Item], number: str, tag: str) -> list[Item]:
    """Return items of a recording whose fields `number` and `tag` name its device."""
    device = next(each for each in _devices() if each["Id"] == DEVICE[name])
    return [{**each, number: device["Id"], tag: device["DeviceServiceTag"]} for each in items]


def _alone(item: Item) -> Item:
    return {name: value for name, value in item.items() if name not in MERGED}


def _values(name: str) -> list[Item]:
    found: list[Item] = sample(f"ome/{name}")["value"]
    return found


def _list(items: list[Item]) -> Callable[[web.Request], web.Response]:
    """Return what answers with a page of a list, as `$filter`, `$skip` and `$top` demand."""

    def answer(request: web.Request) -> web.Response:
        found = [each for each in items if _holds(request.query.get("$filter", ""), each)]
        skip, top = int(request.query.get("$skip", 0)), int(request.query.get("$top", 50))
        value: Any = found[skip : skip + top]
        return web.json_response({"@odata.count": len(found), "value": value})

    return answer


def _holds(where: str, item: Item) -> bool:
    """Tell whether an expression of `FIELD eq NUMBER`, `and` and `or` holds for an item."""
    choices = [[term.split(" ") for term in each.split(" and ")] for each in where.split(" or ")]
    return not where or any(
        all(str(item.get(field)) == value for field, _, value in terms) for terms in choices
    )
