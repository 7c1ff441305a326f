"""Webhooks of VoIP.ms: the documented text callbacks, and the CDR and recording pushes of the configuration guide.

VoIP.ms signs nothing; the secret in the URL is all that tells it from a stranger.
"""

import json
import re
from collections.abc import Mapping
from urllib.parse import quote_plus

from simulator.addresses import Addresses
from simulator.memory import Text
from simulator.voipms.records import CallDetail, CallRecording, stamp
from simulator.webhook import Webhook

TEMPLATE_PATH = "/api/voip/sms/webhook"
TEMPLATE = TEMPLATE_PATH + "?to={TO}&from={FROM}&message={MESSAGE}&id={ID}&date={TIMESTAMP}&media={MEDIA}"
WEBHOOK_PATH = "/webhooks/voipms/sms/incoming"
CDR_PATH = "/webhooks/voipms/call/cdr"
RECORDING_PATH = "/webhooks/voipms/recording/ready"


class VoipMsWebhooks:
    """Makes webhooks; whoever sends them decides when."""

    def __init__(self, addresses: Addresses, token: str) -> None:
        self._addresses = addresses
        self._token = token

    def template_text(self, text: Text, template: str = TEMPLATE) -> Webhook:
        """The "SMS URL callback": a GET, its placeholders filled."""
        values = {
            "TO": text.to_number,
            "FROM": text.from_number,
            "MESSAGE": text.message,
            "ID": text.id,
            "TIMESTAMP": stamp(text.at),
            "MEDIA": ",".join(text.media_urls),
        }
        path = re.sub(r"\{([A-Z]+)\}", lambda found: quote_plus(values.get(found[1], found[0])), template)
        return Webhook("voipms.sms.template", text.id, "GET", self._url(path))

    def guide_text(self, text: Text) -> Webhook:
        """The JSON of the configuration guide."""
        body: dict[str, object] = {
            "from": text.from_number,
            "to": text.to_number,
            "message": text.message,
            "id": text.id,
            "date": stamp(text.at),
        }
        if text.media_urls:
            body["media"] = list(text.media_urls)
        return self._json("voipms.sms.json", text.id, TEMPLATE_PATH, body)

    def webhook_text(self, text: Text) -> Webhook:
        """The "webhook" for PBXs: an envelope as of Telnyx, as captured from real ones."""
        payload = {
            "id": int(text.id),
            "to": [{"status": "webhook_delivered", "phone_number": text.to_number}],
            "from": {"phone_number": text.from_number},
            "text": text.message,
            "type": text.kind.upper(),
            "media": [{"url": url} for url in text.media_urls],
            "received_at": text.at.isoformat(timespec="microseconds"),
            "record_type": "message",
        }
        data = {"id": int(text.id), "payload": payload, "event_type": "message.received", "record_type": "event"}
        return self._json("voipms.sms.webhook", text.id, WEBHOOK_PATH, {"data": data})

    def call_detail(self, call: CallDetail) -> Webhook:
        """The guide's CDR push: lower-case dispositions, everything a string."""
        body = {
            "callid": call.callid,
            "callerid": call.callerid,
            "destination": call.destination,
            "description": call.description,
            "account": call.account,
            "disposition": call.disposition,
            "duration": call.duration,
            "seconds": str(call.seconds),
            "date": stamp(call.at),
            "uniqueid": call.uniqueid,
            "total": call.total,
        }
        return self._json("voipms.call.cdr", call.uniqueid, CDR_PATH, body)

    def recording_ready(self, recording: CallRecording, call_id: str | None) -> Webhook:
        """The guide's recording push. The API has no such URL: audio comes from `getCallRecording`."""
        body = {
            "recording_id": recording.id,
            "recording_url": f"https://voip.ms/recording/{int(recording.at.timestamp())}.mp3",
            "duration": str(max(1, round(recording.sound.seconds))),
        }
        if call_id is not None:
            body["call_id"] = call_id
        return self._json("voipms.recording.ready", recording.id, RECORDING_PATH, body)

    def _json(self, kind: str, about: str, path: str, body: Mapping[str, object]) -> Webhook:
        headers = {"Content-Type": "application/json"}
        return Webhook(kind, about, "POST", self._url(path), headers, json.dumps(body).encode())

    def _url(self, path: str) -> str:
        if not self._token:
            return self._addresses.url(path)
        separator = "?" if "?" not in path else ";" if ";" in path and "&" not in path else "&"
        return self._addresses.url(f"{path}{separator}token={quote_plus(self._token)}")
