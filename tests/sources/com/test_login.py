"""Is there always exactly one valid token, and is a refused login left alone?"""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from exporter.errors import LoginError, Reason, SourceError

if TYPE_CHECKING:
    from tests.sources.com.conftest import FakeClock, FakeCom, Stack, Witness

SECRET = "planted-secret-7f3a"
MakeStack = Callable[..., "Stack"]


async def failure(make: "Stack") -> SourceError:
    with pytest.raises(SourceError) as caught:
        await make.tokens.current()
    assert SECRET not in str(caught.value) + repr(caught.value.__dict__)
    return caught.value


async def test_a_login_sends_the_form_of_client_credentials(
    com: "FakeCom", make_stack: MakeStack
) -> None:
    token = await make_stack(client_secret="a b+c&d=é").tokens.current()

    assert token.token == "token-1"
    assert "token-1" not in repr(token)
    assert com.logins == [
        {
            "grant_type": "client_credentials",
            "client_id": "client-1",
            "client_secret": "a b+c&d=é",
        }
    ]


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        ({}, "https://sso.common.cloud.hpe.com/as/token.oauth2"),
        (
            {"workspace_id": "01234567-89AB-cdef-0123-456789abcdef"},
            "https://global.api.greenlake.hpe.com/authorization/v2/oauth2/"
            "0123456789abcdef0123456789abcdef/token",
        ),
        ({"token_url": "https://sso.example.net/token"}, "https://sso.example.net/token"),
    ],
)
async def test_each_kind_of_api_client_has_its_token_endpoint(
    com: "FakeCom", make_stack: MakeStack, settings: dict[str, str], address: str
) -> None:
    await make_stack(**settings).tokens.current()

    assert com.login_urls == [address]


async def test_a_token_is_used_until_a_minute_before_its_end(
    com: "FakeCom", clock: "FakeClock", witness: "Witness", make_stack: MakeStack
) -> None:
    tokens = make_stack().tokens
    began = clock.now
    await tokens.current()
    clock.now = began + 7138
    await tokens.current()
    assert len(com.logins) == 1

    clock.now = began + 7139
    assert (await tokens.current()).token == "token-2"
    assert witness.logins == [True, True]
    assert witness.expiries == [began + 7199, began + 7139 + 7199]


@pytest.mark.parametrize(
    ("expires_in", "used"),
    [
        (None, 840),
        (0, 840),
        (-5, 840),
        (True, 840),
        ("soon", 840),
        ([], 840),
        ("600", 540),
        (600.0, 540),
        (40, 20),
    ],
)
async def test_a_lifetime_that_says_nothing_counts_as_15_minutes(
    com: "FakeCom", clock: "FakeClock", make_stack: MakeStack, expires_in: object, used: int
) -> None:
    com.on_login = lambda _: (200, {"access_token": "token-x", "expires_in": expires_in})
    tokens = make_stack().tokens
    await tokens.current()
    clock.now += used - 1
    await tokens.current()
    assert len(com.logins) == 1
    clock.now += 1
    await tokens.current()
    assert len(com.logins) == 2


async def test_many_callers_share_one_login(com: "FakeCom", make_stack: MakeStack) -> None:
    tokens = make_stack().tokens

    found = await asyncio.gather(*(tokens.current() for _ in range(20)))

    assert {token.token for token in found} == {"token-1"}
    assert len(com.logins) == 1


async def test_many_callers_share_one_failed_login(com: "FakeCom", make_stack: MakeStack) -> None:
    com.on_login = lambda _: (404, {})
    tokens = make_stack().tokens

    found = await asyncio.gather(*(tokens.current() for _ in range(20)), return_exceptions=True)

    assert [error.reason for error in found if isinstance(error, SourceError)] == [
        Reason.HTTP_4XX
    ] * 20
    assert len(com.logins) == 1
    with pytest.raises(SourceError):
        await tokens.current()
    assert len(com.logins) == 2


async def test_a_cancelled_login_does_not_stop_the_next_caller(
    com: "FakeCom", make_stack: MakeStack
) -> None:
    tokens = make_stack().tokens
    first = asyncio.create_task(tokens.current())
    second = asyncio.create_task(tokens.current())
    await asyncio.sleep(0)
    first.cancel()

    assert (await second).token.startswith("token-")


async def test_calls_refused_with_one_token_renew_it_once(
    com: "FakeCom", make_stack: MakeStack
) -> None:
    tokens = make_stack().tokens
    old = await tokens.current()

    found = await asyncio.gather(*(tokens.after_refusal(old) for _ in range(20)))

    assert {token.token for token in found} == {"token-2"}


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (400, Reason.AUTH),
        (401, Reason.AUTH),
        (403, Reason.FORBIDDEN),
        (404, Reason.HTTP_4XX),
        (429, Reason.RATE_LIMITED),
        (451, Reason.HTTP_4XX),
        (500, Reason.HTTP_5XX),
        (503, Reason.HTTP_5XX),
    ],
)
async def test_a_refused_login_counts_by_its_status(
    com: "FakeCom", witness: "Witness", make_stack: MakeStack, status: int, reason: Reason
) -> None:
    com.on_login = lambda form: (
        status,
        {"error": "invalid_client", "error_description": f"{form['client_secret']} is wrong"},
    )

    error = await failure(make_stack())

    assert (error.reason, error.status) == (reason, status)
    assert "invalid_client" in error.message
    assert witness.logins == [False]


async def test_an_error_word_that_oauth_does_not_know_is_not_repeated(
    com: "FakeCom", make_stack: MakeStack
) -> None:
    com.on_login = lambda form: (401, {"error": form["client_secret"]})

    assert "client_secret" in (await failure(make_stack())).message


async def test_a_refused_login_names_what_is_wrong_and_never_the_secret(
    com: "FakeCom", make_stack: MakeStack
) -> None:
    com.on_login = lambda form: (
        400,
        {
            "errorCode": "HPE_GL_ERROR_BAD_REQUEST",
            "message": f"Cannot use {form['client_secret']}",
            "errorDetails": [
                {
                    "issues": [
                        {"subject": "client_id", "description": "no such client"},
                        {"subject": "client_secret", "description": form["client_secret"]},
                    ]
                }
            ],
        },
    )

    error = await failure(make_stack())

    assert (
        "HTTP 400 (HPE_GL_ERROR_BAD_REQUEST: Cannot use ***: "
        "client_id: no such client; client_secret: ***)"
    ) in error.message


async def test_the_wait_that_a_login_asks_for_is_carried(
    com: "FakeCom", make_stack: MakeStack
) -> None:
    com.on_login = lambda _: (429, b"slow down", {"Retry-After": "77"})

    assert (await failure(make_stack())).retry_after == 77


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ({}, Reason.EMPTY),
        ({"access_token": None}, Reason.EMPTY),
        ({"access_token": ""}, Reason.EMPTY),
        ({"access_token": 17}, Reason.EMPTY),
        ({"access_token": "two\r\nX-Evil: lines"}, Reason.EMPTY),
        ({"access_token": "é"}, Reason.EMPTY),
        ([], Reason.SCHEMA),
        (b"<html>log in</html>", Reason.DECODE),
        (b"", Reason.DECODE),
        (b'{"access_token": "tok', Reason.DECODE),
    ],
)
async def test_a_login_that_yields_nothing_is_a_failure(
    com: "FakeCom", witness: "Witness", make_stack: MakeStack, payload: Any, reason: Reason
) -> None:
    com.on_login = lambda _: (200, payload)

    error = await failure(make_stack())

    assert error.reason is reason
    assert isinstance(error, LoginError)
    assert witness.logins == [False]
    assert witness.expiries == []


async def test_a_login_follows_no_redirect(com: "FakeCom", make_stack: MakeStack) -> None:
    com.on_login = lambda _: (302, b"", {"Location": "https://evil.example.net/"})

    assert (await failure(make_stack())).reason is Reason.REDIRECT


async def test_a_login_is_repeated_after_trouble_of_the_service(
    com: "FakeCom", make_stack: MakeStack
) -> None:
    com.on_login = lambda _: (
        (503, b"") if len(com.logins) < 3 else (200, {"access_token": "token-ok"})
    )

    assert (await make_stack().tokens.current()).token == "token-ok"


@pytest.mark.parametrize("status", [400, 401, 403])
async def test_a_refusal_is_remembered_for_longer_and_longer(
    com: "FakeCom", clock: "FakeClock", make_stack: MakeStack, status: int
) -> None:
    com.on_login = lambda _: (status, {})
    stack = make_stack()
    first = await failure(stack)
    for tries, pause in enumerate((30, 60, 120, 240, 480, 600, 600), start=1):
        clock.now += pause - 1
        again = await failure(stack)
        assert (again.reason, again.status) == (first.reason, status)
        assert len(com.logins) == tries
        clock.now += 1
        await failure(stack)
        assert len(com.logins) == tries + 1


async def test_a_success_forgets_the_refusals(
    com: "FakeCom", clock: "FakeClock", make_stack: MakeStack
) -> None:
    com.on_login = lambda _: (401, {})
    stack = make_stack()
    await failure(stack)
    clock.now += 30
    await failure(stack)
    clock.now += 60
    com.on_login = None
    token = await stack.tokens.current()
    com.on_login = lambda _: (401, {})
    with pytest.raises(SourceError):
        await stack.tokens.after_refusal(token)
    logins = len(com.logins)

    clock.now += 30
    await failure(stack)

    assert len(com.logins) == logins + 1


async def test_trouble_that_is_no_refusal_is_not_remembered(
    com: "FakeCom", make_stack: MakeStack
) -> None:
    com.on_login = lambda _: (404, {})
    stack = make_stack()
    await failure(stack)
    com.on_login = None

    assert (await stack.tokens.current()).token == "token-2"


async def test_a_rotated_secret_is_tried_at_once(
    com: "FakeCom", tmp_path: Path, make_stack: MakeStack
) -> None:
    file = tmp_path / "secret"
    file.write_text(SECRET + "\n")
    com.on_login = lambda form: (
        (200, {"access_token": "token-new"}) if form["client_secret"] == "rotated" else (401, {})
    )
    stack = make_stack(client_secret_file=str(file))
    await failure(stack)
    await failure(stack)
    assert len(com.logins) == 1

    file.write_text("rotated\n")

    assert (await stack.tokens.current()).token == "token-new"


async def test_an_unreadable_secret_names_its_file_and_asks_nobody(
    com: "FakeCom", tmp_path: Path, make_stack: MakeStack
) -> None:
    os.mkfifo(tmp_path / "fifo")
    for name, cause in (("gone", "No such file"), ("fifo", "it is not a regular file")):
        error = await failure(make_stack(client_secret_file=str(tmp_path / name)))

        assert error.reason is Reason.AUTH
        assert f"{tmp_path / name}: {cause}" in error.message
    assert com.logins == []
