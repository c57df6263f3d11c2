"""Is every call authorised, encoded and refused in the way that the API and its user need?"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from exporter.errors import Reason, SourceError
from exporter.sources.com.client import encoded

if TYPE_CHECKING:
    from tests.sources.com.conftest import FakeCom, Stack, Witness

MakeStack = Callable[..., "Stack"]


async def failure(stack: "Stack") -> SourceError:
    with pytest.raises(SourceError) as caught:
        await stack.client.get("v1/servers", {})
    assert "token-" not in str(caught.value)
    return caught.value


def test_a_query_is_encoded_as_the_api_wants_it() -> None:
    assert encoded({"filter": "clearedAt eq null"}) == "?filter=clearedAt%20eq%20null"
    assert encoded({"filter": "id eq 'P1+S1'"}) == "?filter=id%20eq%20%27P1%2BS1%27"
    assert encoded({"select": "id,name", "$top": "$5"}) == "?select=id,name&$top=$5"
    assert encoded({"start-date": "2025-04-01T06:00:00Z"}) == "?start-date=2025-04-01T06:00:00Z"
    assert encoded({"q": "a&b=c#d"}) == "?q=a%26b%3Dc%23d"
    assert encoded({}) == ""


async def test_what_goes_over_the_wire_is_what_was_encoded(
    aiohttp_server: Any, make_stack: MakeStack
) -> None:
    seen: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append(request.raw_path)
        return web.json_response({"access_token": "token-1"})

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", answer)
    server = await aiohttp_server(app)
    base = f"http://127.0.0.1:{server.port}"
    stack = make_stack(region=None, url=base, token_url=f"{base}/token")

    await stack.client.get(
        "v1/servers/{id}/alerts", {"filter": "id eq 'a+b'", "$x": "$"}, id="P1-B21+S1/../x y"
    )

    assert seen == [
        "/token",
        "/compute-ops-mgmt/v1/servers/P1-B21+S1%2F..%2Fx%20y/alerts"
        "?filter=id%20eq%20%27a%2Bb%27&$x=$",
    ]


async def test_calls_carry_the_token_and_the_tenant(com: "FakeCom", make_stack: MakeStack) -> None:
    com.reply("v1/servers", 200, {})
    tenant = "11111111-2222-3333-4444-555555555555"

    body = await make_stack(tenant_acid=tenant).client.get("v1/servers", {"limit": "1"})

    assert body == b"{}"
    headers = com.calls[0].headers
    assert headers["Authorization"] == "Bearer token-1"
    assert headers["Tenant-Acid"] == tenant


async def test_a_tenant_without_hyphens_is_sent_as_it_is_written(
    com: "FakeCom", make_stack: MakeStack
) -> None:
    com.reply("v1/servers", 200, {})
    tenant = "1A11111122223333444455555555555b"

    await make_stack(tenant_acid=tenant).client.get("v1/servers", {})

    assert com.calls[0].headers["Tenant-Acid"] == tenant


async def test_without_a_tenant_there_is_no_tenant_header(
    com: "FakeCom", make_stack: MakeStack
) -> None:
    com.reply("v1/servers", 200, {})

    await make_stack().client.get("v1/servers", {})

    assert "Tenant-Acid" not in com.calls[0].headers


async def test_an_expired_token_is_renewed_once_for_all_calls(
    com: "FakeCom", make_stack: MakeStack, witness: "Witness"
) -> None:
    com.reply("v1/servers", 200, {"ok": True})
    com.revoked.add("token-1")
    client = make_stack().client

    bodies = await asyncio.gather(*(client.get("v1/servers", {}) for _ in range(10)))

    assert bodies == [b'{"ok": true}'] * 10
    assert len(com.logins) == 2
    assert {request[:2] for request in witness.requests} == {
        ("token", "200"),
        ("v1/servers", "401"),
        ("v1/servers", "200"),
    }


async def test_a_fresh_token_that_is_refused_too_is_a_failure(
    com: "FakeCom", make_stack: MakeStack
) -> None:
    com.revoked |= {"token-1", "token-2"}

    error = await failure(make_stack())

    assert (error.reason, error.status) == (Reason.AUTH, 401)
    assert "***" in error.message
    assert len(com.logins) == 2
    assert len(com.calls) == 2


@pytest.mark.parametrize(
    ("status", "reason", "word"),
    [
        (400, Reason.HTTP_4XX, ""),
        (403, Reason.FORBIDDEN, "Viewer"),
        (404, Reason.HTTP_4XX, "region"),
        (406, Reason.HTTP_4XX, ""),
        (429, Reason.RATE_LIMITED, "requests_per_minute"),
        (451, Reason.HTTP_4XX, "blocked"),
        (500, Reason.HTTP_5XX, ""),
        (503, Reason.HTTP_5XX, ""),
    ],
)
async def test_a_refusal_says_what_to_do(
    com: "FakeCom", make_stack: MakeStack, status: int, reason: Reason, word: str
) -> None:
    com.reply(
        "v1/servers",
        status,
        {
            "httpStatusCode": status,
            "errorCode": "HPE-GL-COMPUTE_OPS-0500001",
            "message": "Something\nbroke",
            "debugId": "d-17",
        },
    )

    error = await failure(make_stack())

    assert (error.reason, error.status) == (reason, status)
    assert f"v1/servers: HTTP {status}" in error.message
    assert "HPE-GL-COMPUTE_OPS-0500001: Something broke: debugId d-17" in error.message
    assert word in error.message


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no healthy upstream",
        b"<html></html>",
        b'{"errorCode": 5, "message": null, "debugId": {}}',
        b"[]",
        b"[" * 100_000,
        b'{"message": "\xff"}',
    ],
)
async def test_a_refusal_without_a_readable_body_is_still_told(
    com: "FakeCom", make_stack: MakeStack, body: bytes
) -> None:
    com.reply("v1/servers", 403, body)

    error = await failure(make_stack())

    assert error.message.startswith("v1/servers: HTTP 403; give the user")


async def test_the_words_of_the_api_are_bounded(com: "FakeCom", make_stack: MakeStack) -> None:
    com.reply("v1/servers", 400, {"message": "x" * 1_000_000, "errorCode": "y" * 1_000_000})

    assert len((await failure(make_stack())).message) < 500

    issue = {"subject": "s" * 1_000, "description": "d" * 1_000}
    com.reply("v1/servers", 400, {"errorDetails": [{"issues": [issue] * 1_000}] * 10})

    assert len((await failure(make_stack())).message) < 300


async def test_a_refusal_names_what_is_wrong_with_the_request(
    com: "FakeCom", make_stack: MakeStack
) -> None:
    com.reply(
        "v1/servers",
        400,
        {
            "errorCode": "HPE_GL_ERROR_BAD_REQUEST",
            "message": "Bad request",
            "debugId": "d-17",
            "errorDetails": [
                {"type": "hpe.greenlake.metadata", "metadata": {}},
                {
                    "type": "hpe.greenlake.bad_request",
                    "issues": [
                        {"subject": "limit", "description": "limit must be at most 500"},
                        {"subject": "select", "description": "Bad request"},
                    ],
                },
            ],
        },
    )

    error = await failure(make_stack())

    assert error.message == (
        "v1/servers: HTTP 400 (HPE_GL_ERROR_BAD_REQUEST: Bad request: "
        "limit: limit must be at most 500; select: debugId d-17)"
    )
    assert error.code == "HPE_GL_ERROR_BAD_REQUEST"


@pytest.mark.parametrize(
    ("details", "said"),
    [
        ([{"issues": [{"subject": "a"}]}], " (m: a)"),
        ([{"issues": [{"description": "b\nc"}]}], " (m: b c)"),
        ([{"issues": [{"subject": 5, "description": ["x"]}, {"subject": "a"}]}], " (m: a)"),
        ([{"issues": ["x", None, {}]}, {"issues": {"subject": "a"}}, "y", None], " (m)"),
        ([{"issues": [{"subject": "s", "description": "token-1 is bad"}]}], " (m: s: *** is bad)"),
        ({"issues": [{"subject": "a"}]}, " (m)"),
        ("a", " (m)"),
        (None, " (m)"),
    ],
)
async def test_ill_typed_pieces_of_a_refusal_are_left_out(
    com: "FakeCom", make_stack: MakeStack, details: object, said: str
) -> None:
    com.reply("v1/servers", 400, {"message": "m", "errorDetails": details})

    assert (await failure(make_stack())).message == f"v1/servers: HTTP 400{said}"


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"Retry-After": "42"}, {}),
        ({"RateLimit-Reset": "42", "ratelimit-remaining": "0"}, {}),
        ({}, {"errorDetails": [{"type": "hpe.greenlake.retry_info", "retryAfterSeconds": 42}]}),
    ],
)
async def test_the_wait_that_the_api_asks_for_is_carried(
    com: "FakeCom", make_stack: MakeStack, headers: dict[str, str], body: object
) -> None:
    com.reply("v1/servers", 429, body, headers)

    assert (await failure(make_stack())).retry_after == 42


async def test_a_redirect_is_refused(com: "FakeCom", make_stack: MakeStack) -> None:
    com.reply("v1/servers", 307, b"", {"Location": "https://evil.example.net/"})

    assert (await failure(make_stack())).reason is Reason.REDIRECT
    assert len(com.calls) == 1
