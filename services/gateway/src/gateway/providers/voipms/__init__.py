"""VoIP.ms: unsigned webhooks about texts, calls and recordings, known by their sender's address or a secret."""

from functools import partial

from gateway.providers.base import FORM, JSON, Provider, Webhook
from gateway.providers.voipms import described, parse_call, parse_recording, parse_sms
from gateway.providers.voipms.fields import TOKEN
from gateway.providers.voipms.reply import OK
from gateway.providers.voipms.verify import SenderCheck
from gateway.settings import GatewaySettings

_SMS_NAMES = {"message_sid": "id", "from_number": "from", "to_number": "to"}
_CALL_NAMES = {"call_sid": "uniqueid", "status": "disposition", "from_number": "callerid", "to_number": "destination"}
_RECORDING_NAMES = {"recording_sid": "recording_id", "call_sid": "call_id"}


def provider(settings: GatewaySettings) -> Provider:
    """VoIP.ms as configured."""
    token, zone = settings.voipms_webhook_token, settings.voipms_timezone
    text = partial(parse_sms.received, zone=zone)
    cdr = partial(parse_call.detail_recorded, zone=zone, did=settings.voipms_did)
    recording = partial(parse_recording.ready, zone=zone)
    both, media = ("GET", "POST"), (FORM, JSON)
    check = SenderCheck(
        settings.voipms_allowed_ips,
        token.get_secret_value() if token else None,
        observe=settings.voipms_address_check == "observe",
    )
    return Provider(
        name="voipms",
        verify=check.verify,
        read=lambda _: None,
        may_prove_itself=check.may_prove_itself,
        webhooks=(
            Webhook("/api/voip/sms/webhook", text, OK, _SMS_NAMES, both, described.TEXT, media),
            Webhook("/webhooks/voipms/sms/incoming", text, OK, _SMS_NAMES, both, described.TEXT, media),
            Webhook(
                "/webhooks/voipms/call/cdr",
                cdr,
                OK,
                _CALL_NAMES,
                parameters=described.CALL_DETAIL,
                media_types=media,
            ),
            Webhook(
                "/webhooks/voipms/recording/ready",
                recording,
                OK,
                _RECORDING_NAMES,
                parameters=described.RECORDING,
                media_types=media,
            ),
        ),
        security={"type": "apiKey", "in": "query", "name": TOKEN},
    )
