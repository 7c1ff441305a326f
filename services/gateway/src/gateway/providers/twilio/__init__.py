"""Twilio: signed webhooks about texts, calls and recordings."""

from gateway.providers.base import Proof, Provider, Webhook
from gateway.providers.twilio import forms, parse_call, parse_recording, parse_sms, reply
from gateway.providers.twilio.credentials import Credentials, Secret
from gateway.providers.twilio.described import CALL, CALL_STATUS, RECORDING, SMS, SMS_STATUS, VOICEMAIL_DONE
from gateway.providers.twilio.parameters import NAMES
from gateway.providers.twilio.verify import SignatureCheck, may_prove_itself
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
        verify=SignatureCheck(_credentials(settings), url).verify,
        read=forms.form,
        may_prove_itself=may_prove_itself,
        webhooks=(
            Webhook("/voice/incoming", parse_call.front_desk, voicemail, call, parameters=CALL, live=True),
            Webhook("/voice/julie/incoming", parse_call.receptionist, voicemail, call, parameters=CALL, live=True),
            Webhook(
                _VOICEMAIL_DONE, parse_call.voicemail_done, reply.THANKS, call, parameters=VOICEMAIL_DONE, live=True
            ),
            Webhook(
                "/webhooks/twilio/voice/status", parse_call.status_changed, reply.NOTED, call, parameters=CALL_STATUS
            ),
            Webhook(_RECORDING_STATUS, parse_recording.ready, reply.NOTED, NAMES, parameters=RECORDING),
            Webhook("/webhooks/twilio/sms/incoming", parse_sms.received, reply.SILENCE, text, parameters=SMS),
            Webhook("/webhooks/twilio/sms/status", parse_sms.status_changed, reply.NOTED, text, parameters=SMS_STATUS),
        ),
        security={"type": "apiKey", "in": "header", "name": "X-Twilio-Signature"},
    )


def _credentials(settings: GatewaySettings) -> Credentials:
    account = ((settings.twilio_auth_token, Proof.PRIMARY), (settings.twilio_auth_token_next, Proof.NEXT))
    subaccounts: dict[str, tuple[Secret, ...]] = {}
    for sid, token in settings.subaccounts:
        subaccounts[sid] = (*subaccounts.get(sid, ()), Secret(token.get_secret_value(), Proof.SUBACCOUNT))
    return Credentials(
        account=tuple(Secret(token.get_secret_value(), proof) for token, proof in account if token),
        subaccounts=subaccounts,
        shared_keys={key: Secret(secret.get_secret_value(), Proof.SHARED_KEY) for key, secret in settings.shared_keys},
    )
