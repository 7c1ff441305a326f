"""HTTP calls to providers, whose every end says whether the request can have had an effect."""

import asyncio
from typing import Any

import httpx

from responder.senders.port import CannotTell, Meaning, NotSent, Unknown

CONNECT_SECONDS = 3.0
TOTAL_SECONDS = 10.0

_NEVER_CONNECTED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


def client() -> httpx.AsyncClient:
    """A client for all senders.

    It keeps no connections: on a reused one, a server that has just hung up looks like one that died over our request.
    """
    return httpx.AsyncClient(
        timeout=httpx.Timeout(TOTAL_SECONDS, connect=CONNECT_SECONDS),
        limits=httpx.Limits(max_keepalive_connections=0),
        follow_redirects=False,
    )


async def post(http: httpx.AsyncClient, url: str, **content: Any) -> httpx.Response | NotSent | Unknown:
    """POST once. `content` is httpx' own (`data`, `files`, `auth`).

    Returns the answer when the provider decided (2xx, 4xx). No connection: not sent. Everything else, from a broken
    connection over a timeout to a 5xx, may have come after the provider took the text: unknown.
    """
    try:
        async with asyncio.timeout(TOTAL_SECONDS):
            answer = await http.post(url, **content)
    except _NEVER_CONNECTED as error:
        return NotSent(type(error).__name__, Meaning.UNREACHABLE)
    except (httpx.HTTPError, TimeoutError) as error:
        return Unknown(type(error).__name__)
    if answer.is_success or (answer.is_client_error and answer.status_code != httpx.codes.REQUEST_TIMEOUT):
        return answer
    return Unknown(f"http_{answer.status_code}")


async def ask(http: httpx.AsyncClient, method: str, url: str, **content: Any) -> dict[str, Any] | CannotTell:
    """Make a call that changes nothing. Returns the JSON object of a 2xx answer."""
    try:
        async with asyncio.timeout(TOTAL_SECONDS):
            answer = await http.request(method, url, **content)
    except (httpx.HTTPError, TimeoutError) as error:
        return CannotTell(type(error).__name__)
    if not answer.is_success:
        return CannotTell(f"http_{answer.status_code}")
    return fields(answer) or CannotTell("answer_without_content")


def fields(answer: httpx.Response) -> dict[str, Any]:
    """The JSON object of an answer; empty when it is something else."""
    try:
        body = answer.json()
    except ValueError:  # no JSON, or not in the encoding it claims
        return {}
    return body if isinstance(body, dict) else {}


def retry_after(answer: httpx.Response) -> float | None:
    """Seconds of a `Retry-After` header; None without one, or when it names a date (RFC 9110, 10.2.3)."""
    value = answer.headers.get("retry-after", "").strip()
    return float(value) if value.isdecimal() and len(value) < 6 else None
