"""Bringing webhooks to the gateway: once, or repeated, shuffled, late and many at a time."""

import asyncio
import hashlib
import time
from collections.abc import Sequence
from typing import Protocol
from urllib.parse import quote_plus

import httpx
from pydantic import BaseModel, ConfigDict, Field

from simulator.addresses import Addresses
from simulator.logs import log
from simulator.memory import Attempt, Memory, now
from simulator.webhook import Answer, Webhook

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 15.0
"""Twilio's limits; VoIP.ms documents none."""

_HIDDEN = "***"


class Delivery(BaseModel):
    """How webhooks are delivered. The same plan over the same webhooks gives the same order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    repeat: int = Field(1, ge=1, le=100, description="How often each webhook is delivered in all")
    shuffle_seed: int | None = Field(None, description="Deliver in an order made from this number")
    delay_seconds: float = Field(0, ge=0, le=60, description="Pause before each delivery")
    concurrency: int = Field(1, ge=1, le=64, description="Deliveries under way at the same time")


ONCE = Delivery()


def shuffled(webhooks: Sequence[Webhook], seed: int | None) -> list[Webhook]:
    """In an order that depends on `seed` and the positions alone."""
    if seed is None:
        return list(webhooks)
    order = sorted(range(len(webhooks)), key=lambda place: hashlib.sha256(f"{seed}:{place}".encode()).digest())
    return [webhooks[place] for place in order]


class Courier:
    """Sends webhooks and remembers every attempt, without `secret` in its URL."""

    def __init__(self, addresses: Addresses, memory: Memory, secret: str) -> None:
        self._addresses = addresses
        self._memory = memory
        self._secret = quote_plus(secret)
        secure = addresses.real.startswith("https:")  # loading certificates takes 4 MB: only when there is a use
        timeout = httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
        self._client = httpx.AsyncClient(verify=secure, timeout=timeout, trust_env=False)

    async def close(self) -> None:
        """Close connections."""
        await self._client.aclose()

    async def deliver(self, webhooks: Sequence[Webhook], plan: Delivery = ONCE) -> list[Attempt]:
        """Deliver each `plan.repeat` times. Attempts in the order of the deliveries."""
        room = asyncio.Semaphore(plan.concurrency)
        copies = shuffled(list(webhooks) * plan.repeat, plan.shuffle_seed)

        async def one(webhook: Webhook) -> Attempt:
            async with room:
                await asyncio.sleep(plan.delay_seconds)
                return await self.send(webhook)

        return list(await asyncio.gather(*(one(webhook) for webhook in copies)))

    async def send(self, webhook: Webhook) -> Attempt:
        """Deliver once, with the provider's own retries when nobody answers the phone. Never raises."""
        webhook.happens()
        for _ in range(webhook.connect_retries):
            attempt, connected = await self._attempt(webhook)
            if connected:
                return attempt
        return (await self._attempt(webhook))[0]

    async def _attempt(self, webhook: Webhook) -> tuple[Attempt, bool]:
        at, start = now(), time.monotonic()
        answer: Answer | None = None
        error, problem, connected = None, None, True
        try:
            answer = await self._request(webhook)
            problem = webhook.reads(answer)
        except _NotOurs:
            error = "not a URL of the gateway: nothing was sent"
        except (httpx.HTTPError, TimeoutError) as failure:
            error = f"11205 HTTP connection failure: {type(failure).__name__}"
            connected = not isinstance(failure, httpx.ConnectError | httpx.ConnectTimeout)
        attempt = Attempt(
            webhook=webhook.id,
            kind=webhook.kind,
            about=webhook.about,
            at=at,
            method=webhook.method,
            url=self._hide(webhook.url),
            request_headers=webhook.headers,
            request_body=webhook.body.decode(errors="replace"),
            duration_ms=round((time.monotonic() - start) * 1000),
            status=answer.status if answer else None,
            content_type=answer.content_type if answer else None,
            body=answer.body if answer else "",
            error=error,
            problem=problem,
        )
        self._memory.attempts.append(attempt)
        log.info("webhook kind=%s status=%s ms=%s", attempt.kind, attempt.status, attempt.duration_ms)
        return attempt, connected

    async def _request(self, webhook: Webhook) -> Answer:
        place = self._addresses.target(webhook.url)
        if place is None:
            raise _NotOurs
        origin, target = place
        request = self._client.build_request(
            webhook.method, origin, headers=webhook.headers, content=webhook.body, extensions={"target": target}
        )
        async with asyncio.timeout(ANSWER_SECONDS):
            response = await self._client.send(request)
        return Answer(response.status_code, response.headers.get("content-type", ""), response.text)

    def _hide(self, url: str) -> str:
        return url.replace(self._secret, _HIDDEN) if self._secret else url


class _NotOurs(Exception):
    """The URL is somebody else's. A test tool on a practice's machine calls nobody else."""


class Post(Protocol):
    """How the parts of a scenario hand over their webhooks."""

    async def now(self, webhook: Webhook) -> Attempt:
        """Deliver; the provider waits for the answer."""
        ...

    async def later(self, webhook: Webhook) -> None:
        """Deliver some time; the provider waits for nothing, so order and number are not sure."""
        ...


class DirectPost:
    """Everything is delivered once, when it happens."""

    def __init__(self, courier: Courier) -> None:
        self._courier = courier
        self.attempts: list[Attempt] = []

    async def now(self, webhook: Webhook) -> Attempt:
        """Deliver at once."""
        attempt = await self._courier.send(webhook)
        self.attempts.append(attempt)
        return attempt

    async def later(self, webhook: Webhook) -> None:
        """Deliver at once."""
        await self.now(webhook)


class CollectingPost(DirectPost):
    """What somebody waits for is delivered at once, the rest when `deliver` is called, by a plan."""

    def __init__(self, courier: Courier) -> None:
        super().__init__(courier)
        self._delivered: list[Webhook] = []
        self._waiting: list[Webhook] = []

    async def now(self, webhook: Webhook) -> Attempt:
        """Deliver at once, and keep it for the repeats."""
        self._delivered.append(webhook)
        return await super().now(webhook)

    async def later(self, webhook: Webhook) -> None:
        """Keep it."""
        self._waiting.append(webhook)

    async def deliver(self, plan: Delivery) -> None:
        """Deliver everything until each webhook was delivered `plan.repeat` times."""
        copies = self._waiting * plan.repeat + self._delivered * (plan.repeat - 1)
        self.attempts += await self._courier.deliver(copies, plan.model_copy(update={"repeat": 1}))
