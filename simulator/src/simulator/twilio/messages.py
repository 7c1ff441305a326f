"""Texts through Twilio: what patients send, what our services send, and how far that comes."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from xml.etree.ElementTree import Element

from pydantic import BaseModel, ConfigDict, Field

from simulator import ids
from simulator.background import Background
from simulator.delivery import Courier
from simulator.memory import Memory, Text, now
from simulator.twilio import twiml, webhooks
from simulator.twilio.account import Account
from simulator.twilio.errors import TwilioError
from simulator.twilio.opt_out import OptOuts
from simulator.twilio.sending import NewText
from simulator.webhook import Answer, Webhook, once

INCOMING_PATH = "/webhooks/twilio/sms/incoming"
_BETWEEN_STATUSES = 0.02
_ADVANCED_OPT_OUT_SERVICE = "MG" + "6" * 32
_RANK = {"accepted": 0, "queued": 1, "sending": 2, "sent": 3, "delivered": 4, "undelivered": 4, "failed": 4, "read": 5}


class Outcome(BaseModel):
    """How the next `times` texts (to one number, or to any) turn out: the callbacks in this order, repeats included.

    An empty list: all callbacks are lost.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    statuses: tuple[str, ...]
    error_code: int | None = Field(None, description="For `failed` and `undelivered`, e.g. 30007 carrier filtered")
    to_number: str | None = None
    times: int = Field(1, ge=1)


class Messages:
    """Twilio's side of every text."""

    def __init__(self, account: Account, memory: Memory, courier: Courier, background: Background) -> None:
        self._account = account
        self._memory = memory
        self._courier = courier
        self._background = background
        self.opt_outs = OptOuts()
        self._outcomes: list[tuple[Outcome, int]] = []

    def forget(self) -> None:
        """No opt-outs, no special outcomes."""
        self.opt_outs.forget()
        self._outcomes.clear()

    def find(self, sid: str) -> Text | None:
        """A text by its sid."""
        return self._memory.texts.get(f"twilio:sms:{sid}") or self._memory.texts.get(f"twilio:mms:{sid}")

    def newest(self) -> list[Text]:
        """Every text in and out that is listed, newest first."""
        texts = reversed(self._memory.texts.values())
        return [text for text in texts if text.provider == "twilio" and self._memory.is_listed(text)]

    def receive(
        self,
        from_number: str,
        to_number: str | None,
        message: str,
        media_urls: Sequence[str] = (),
        opt_out_type: str | None = None,
    ) -> Webhook:
        """A patient's text: the webhook that tells of it."""
        text = self._memory.remember(
            Text(
                provider="twilio",
                id=ids.sid("MM" if media_urls else "SM"),
                by="patient",
                direction="inbound",
                from_number=from_number,
                to_number=to_number or self._account.number,
                message=message,
                status="received",
                kind="mms" if media_urls else "sms",
                media_urls=tuple(media_urls),
                messaging_service_sid=_ADVANCED_OPT_OUT_SERVICE if opt_out_type else None,
            )
        )
        parameters = webhooks.inbound_text(self._account.sid, text, opt_out_type)
        plain = self._account.webhook(
            "twilio.sms.incoming", text.id, self._account.addresses.url(INCOMING_PATH), parameters
        )
        return replace(plain, happens=once(self._hear(text, opt_out_type)), reads=self._reply(text))

    def _hear(self, text: Text, opt_out_type: str | None) -> Callable[[], None]:
        def hear() -> None:
            answer = self.opt_outs.heard(text.to_number, text.from_number, text.message, opt_out_type)
            if answer:
                self._answer(text, answer, by="provider")

        return hear

    def _reply(self, text: Text) -> Callable[[Answer], str | None]:
        """Carry out the answer to a patient's text: plain text is texted back, TwiML executed."""

        def read(answer: Answer) -> str | None:
            try:
                document = twiml.read(answer, twiml.MESSAGING)
            except twiml.BadTwiml as error:
                return str(error)
            replies = [document.text] if document.text else [_words(verb) for verb in document.verbs]
            if replies and self.opt_outs.block(text.to_number, text.from_number):
                return "21610 the reply in the answer goes to an unsubscribed recipient"
            for reply in filter(None, replies):
                self._answer(text, reply)
            return "; ".join(document.warnings) or None

        return read

    def _answer(self, text: Text, message: str, by: str = "us") -> None:
        self._memory.remember(
            Text(
                provider="twilio",
                id=ids.sid("SM"),
                by="provider" if by == "provider" else "us",
                direction="outbound-reply",
                from_number=text.to_number,
                to_number=text.from_number,
                message=message,
                status="delivered",
                sent_at=now(),
            )
        )

    def expect(self, outcome: Outcome) -> None:
        """Let coming texts turn out like this."""
        self._outcomes.append((outcome, outcome.times))

    def send(self, new: NewText) -> Text:
        """Take a text of ours and report on it afterwards. Raises `TwilioError` when the patient opted out."""
        block = self.opt_outs.block(new.from_number, new.to_number)
        if block and not block.advanced:
            raise TwilioError(21610)
        text = self._memory.remember(
            Text(
                provider="twilio",
                id=ids.sid("MM" if new.media_urls else "SM"),
                by="us",
                direction="outbound-api",
                from_number=new.from_number,
                to_number=new.to_number,
                message=new.message,
                status="accepted" if new.messaging_service_sid else "queued",
                kind="mms" if new.media_urls else "sms",
                media_urls=new.media_urls,
                messaging_service_sid=new.messaging_service_sid,
            )
        )
        outcome = Outcome(statuses=("failed",), error_code=21610) if block else self._outcome(text)
        self._background.start(self._report(text, outcome, new.status_callback))
        return text

    def _outcome(self, text: Text) -> Outcome:
        for place, (outcome, left) in enumerate(self._outcomes):
            if outcome.to_number in {None, text.to_number}:
                self._outcomes[place : place + 1] = [(outcome, left - 1)] if left > 1 else []
                return outcome
        # Twilio docs, "Outbound message status": the status that REST answered with gets no callback of its own.
        queued = ("queued",) if text.messaging_service_sid else ()
        return Outcome(statuses=(*queued, "sent", "delivered"))

    async def _report(self, text: Text, outcome: Outcome, callback: str | None) -> None:
        for status in outcome.statuses:
            await asyncio.sleep(_BETWEEN_STATUSES)
            if _RANK.get(status, 0) >= _RANK.get(text.status, 0):
                text.status = status
                text.error_code = outcome.error_code if status in {"failed", "undelivered"} else None
            if status == "sent":
                text.sent_at = now()
            if callback:
                await self._courier.send(self._status_webhook(text, status, outcome.error_code, callback))

    def _status_webhook(self, text: Text, status: str, error_code: int | None, url: str) -> Webhook:
        parameters = webhooks.message_status(self._account.sid, text, status, error_code, now())
        return self._account.webhook("twilio.sms.status", text.id, url, parameters)


def _words(message: Element) -> str:
    """The text of a `<Message>`: its own, or that of its `<Body>`."""
    if message.tag != "Message":
        return ""
    body = message.find("Body")
    return (message.text if body is None else body.text) or ""
