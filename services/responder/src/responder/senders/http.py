"""One HTTP POST to a provider, whose every end says whether the request can have had an effect."""

import asyncio
from typing import Any

import httpx

from responder.senders.port import NotSent, Unknown

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
        return NotSent(type(error).__name__, try_again=True)
    except (httpx.HTTPError, TimeoutError) as error:
        return Unknown(type(error).__name__)
    if answer.is_success or (answer.is_client_error and answer.status_code != httpx.codes.REQUEST_TIMEOUT):
        return answer
    return Unknown(f"http_{answer.status_code}")


def fields(answer: httpx.Response) -> dict[str, Any]:
    """The JSON object of an answer; empty when it is something else."""
    try:
        body = answer.json()
    except ValueError:  # no JSON, or not in the encoding it claims
        return {}
    return body if isinstance(body, dict) else {}
