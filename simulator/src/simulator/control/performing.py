"""Doing one step: the provider's side of it, and its webhooks handed to the post."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

from simulator import ids
from simulator.control.steps import (
    RawWebhook,
    Step,
    TwilioCall,
    TwilioRecording,
    TwilioText,
    VoipMsCdr,
    VoipMsRecording,
    VoipMsText,
)
from simulator.delivery import Post
from simulator.library import Library
from simulator.logs import log, mask
from simulator.memory import now
from simulator.twilio.account import FORM, Account
from simulator.twilio.calls import Call
from simulator.twilio.messages import Messages
from simulator.twilio.recordings import Recordings
from simulator.twilio.signing import sign, signed_url, with_body_hash
from simulator.voipms.records import CallDetail, Records, ten_digits
from simulator.voipms.texts import Texts
from simulator.voipms.webhooks import VoipMsWebhooks
from simulator.webhook import Webhook

Ids = dict[str, Any]


@dataclass(frozen=True)
class TwilioSide:
    """What steps at Twilio need."""

    account: Account
    messages: Messages
    recordings: Recordings


@dataclass(frozen=True)
class VoipMsSide:
    """What steps at VoIP.ms need."""

    did: str
    account: str
    texts: Texts
    records: Records
    webhooks: VoipMsWebhooks
    new_id: Callable[[], str]


@dataclass(frozen=True)
class Stage:
    """Where steps are performed. `perform` answers with the ids that were used; raises `UnknownRecording`."""

    twilio: TwilioSide
    voipms: VoipMsSide
    library: Library

    async def perform(self, step: Step, post: Post) -> Ids:
        """Do `step`."""
        log.info("step do=%s from=%s", step.do, mask(getattr(step, "from_number", "")))
        match step:
            case TwilioText():
                return await self._twilio_text(step, post)
            case TwilioCall():
                return await self._twilio_call(step, post)
            case TwilioRecording():
                return await self._twilio_recording(step, post)
            case VoipMsText():
                return await self._voipms_text(step, post)
            case VoipMsCdr():
                return await self._voipms_cdr(step, post)
            case VoipMsRecording():
                return await self._voipms_recording(step, post)
            case RawWebhook():
                await post.later(raw_webhook(step, self.twilio.account))
                return {}

    async def _twilio_text(self, step: TwilioText, post: Post) -> Ids:
        webhook = self.twilio.messages.receive(
            step.from_number, step.to_number, step.message, step.media_urls, step.opt_out_type
        )
        await post.later(webhook)
        return {"message_sid": webhook.about}

    async def _twilio_call(self, step: TwilioCall, post: Post) -> Ids:
        sound = self.library.get(step.recording) if step.recording else None
        report = await Call(step, sound, self.twilio.account, self.twilio.recordings, post).run()
        return asdict(report)

    async def _twilio_recording(self, step: TwilioRecording, post: Post) -> Ids:
        sound = self.library.get(step.recording)
        recording = self.twilio.recordings.start(
            step.call_sid or ids.sid("CA"), sound, source=step.source, channels=sound.channels
        )
        recording.status = "completed"
        await post.later(self.twilio.recordings.status_webhook(recording, "completed"))
        return {"recording_sid": recording.sid, "call_sid": recording.call_sid}

    async def _voipms_text(self, step: VoipMsText, post: Post) -> Ids:
        texts = self.voipms.texts.receive(step.from_number, step.to_number, step.message, step.media_urls)
        for text in texts:
            await post.later(self.voipms.texts.webhook(text, step.form, step.template, retry=step.retry))
        return {"message_sid": texts[0].id, "message_sids": [text.id for text in texts]}

    async def _voipms_cdr(self, step: VoipMsCdr, post: Post) -> Ids:
        call = CallDetail(
            uniqueid=step.uniqueid or self.voipms.new_id(),
            callid=step.callid or self.voipms.new_id(),
            callerid=ten_digits(step.from_number),
            destination=self._did(step.to_number),
            description=step.description,
            account=self.voipms.account,
            disposition=step.disposition,
            seconds=step.seconds,
            total=step.total,
        )
        self.voipms.records.calls[call.uniqueid] = call
        await post.later(self.voipms.webhooks.call_detail(call))
        return {"call_sid": call.uniqueid, "callid": call.callid}

    async def _voipms_recording(self, step: VoipMsRecording, post: Post) -> Ids:
        recording = self.voipms.records.add_recording(
            self.voipms.account,
            ten_digits(step.from_number),
            self._did(step.to_number),
            self.library.get(step.recording),
            now(),
        )
        await post.later(self.voipms.webhooks.recording_ready(recording, step.call_id))
        return {"recording_sid": recording.id, "call_sid": step.call_id}

    def _did(self, number: str | None) -> str:
        return ten_digits(number) if number else self.voipms.did


def raw_webhook(step: RawWebhook, account: Account) -> Webhook:
    """The request exactly as asked for, with the signature asked for."""
    body = step.body.encode()
    headers = dict(step.headers)
    names = {name.lower() for name in headers}
    if body and "content-type" not in names:
        headers["Content-Type"] = FORM
    webhook = Webhook(
        "webhook", step.path.partition("?")[0], step.method, account.addresses.url(step.path), headers, body
    )
    return webhook if step.sign is False else _signed(webhook, step, account)


def _signed(webhook: Webhook, step: RawWebhook, account: Account) -> Webhook:
    headers = {name.lower(): value for name, value in webhook.headers.items()}
    form = headers.get("content-type", "").startswith(FORM)
    url = webhook.url if form or not webhook.body else with_body_hash(webhook.url, webhook.body)
    parameters = parse_qsl(step.body, keep_blank_values=True) if form else []
    token = f"not {account.token}" if step.sign == "wrong" else account.token
    signature = sign(signed_url(step.signed_url or url, voice=False), parameters, token)
    return replace(webhook, url=url, headers={**webhook.headers, "X-Twilio-Signature": signature})
