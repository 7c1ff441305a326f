"""Twilio: signed webhooks about texts, calls and recordings."""

from gateway.providers.base import Provider, Webhook
from gateway.providers.twilio import parse_call, parse_recording, parse_sms, reply
from gateway.providers.twilio.parameters import NAMES
from gateway.providers.twilio.verify import SignatureCheck
from gateway.settings import GatewaySettings

_RECORDING_STATUS = "/webhooks/twilio/recording/status"
_VOICEMAIL_DONE = "/voice/voicemail/done"


def provider(settings: GatewaySettings) -> Provider:
    """Twilio as configured."""
    url = settings.public_url
    voicemail = reply.voicemail(done=url.at(_VOICEMAIL_DONE), recorded=url.at(_RECORDING_STATUS))
    call, text = NAMES | {"status": "CallStatus"}, NAMES | {"status": "MessageStatus"}
    return Provider(
        name="twilio",
        verify=SignatureCheck(settings.twilio_auth_tokens, url).verify,
        webhooks=(
            Webhook("/voice/incoming", parse_call.front_desk, voicemail, call, live=True),
            Webhook("/voice/julie/incoming", parse_call.receptionist, voicemail, call, live=True),
            Webhook(_VOICEMAIL_DONE, parse_call.voicemail_done, reply.THANKS, call, live=True),
            Webhook("/webhooks/twilio/voice/status", parse_call.status_changed, reply.NOTED, call),
            Webhook(_RECORDING_STATUS, parse_recording.ready, reply.NOTED, NAMES),
            Webhook("/webhooks/twilio/sms/incoming", parse_sms.received, reply.SILENCE, text),
            Webhook("/webhooks/twilio/sms/status", parse_sms.status_changed, reply.NOTED, text),
        ),
    )
