"""Texts that patients send to the VoIP.ms number, and the retry that goes on until somebody says `ok`."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from simulator.delivery import Courier
from simulator.memory import Attempt, Memory, Newest, Text
from simulator.voipms.methods import LONGEST_SMS
from simulator.voipms.records import ten_digits
from simulator.voipms.webhooks import VoipMsWebhooks
from simulator.webhook import Answer, Webhook

WOULD_REPEAT = "would be repeated every 30 minutes: the answer is not `ok`"


class Texts:
    """VoIP.ms' side of inbound texts. SMS and MMS have ids of their own."""

    def __init__(
        self, did: str, webhooks: VoipMsWebhooks, memory: Memory, courier: Courier, ids: Mapping[str, Iterator[int]]
    ) -> None:
        self._did = did
        self._webhooks = webhooks
        self._memory = memory
        self._courier = courier
        self._ids = ids
        self.waiting: Newest[Webhook] = Newest()

    def receive(
        self, from_number: str, to_number: str | None, message: str, media_urls: tuple[str, ...] = ()
    ) -> list[Text]:
        """A patient's text. A long SMS comes as several, each with an id of its own; an MMS comes whole."""
        kind = "mms" if media_urls else "sms"
        size = LONGEST_SMS if kind == "sms" else len(message) or 1
        parts = [message[start : start + size] for start in range(0, len(message), size)] or [""]
        return [
            self._memory.remember(
                Text(
                    provider="voipms",
                    id=str(next(self._ids[kind])),
                    by="patient",
                    direction="inbound",
                    from_number=ten_digits(from_number),
                    to_number=ten_digits(to_number) if to_number else self._did,
                    message=part,
                    status="received",
                    kind="mms" if media_urls else "sms",
                    media_urls=media_urls,
                )
            )
            for part in parts
        ]

    def webhook(self, text: Text, form: str, template: str, *, retry: bool) -> Webhook:
        """How it is pushed. Only the URL callback waits for `ok`; of the webhook's retries nothing is known."""
        if form == "webhook":
            return self._webhooks.webhook_text(text)
        plain = self._webhooks.guide_text(text) if form == "json" else self._webhooks.template_text(text, template)
        return self._until_ok(plain) if retry else plain

    def _until_ok(self, plain: Webhook) -> Webhook:
        webhook = replace(plain, reads=self._read(plain.id))
        self.waiting[webhook.id] = webhook
        return webhook

    def _read(self, webhook_id: str) -> Callable[[Answer], str | None]:
        def read(answer: Answer) -> str | None:
            if answer.status == 200 and answer.body == "ok":
                self.waiting.pop(webhook_id, None)
                return None
            return WOULD_REPEAT

        return read

    async def repeat(self) -> list[Attempt]:
        """Half an hour passes: send again what nobody said `ok` to."""
        return await self._courier.deliver(list(self.waiting.values()))
