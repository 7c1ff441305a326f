"""What Twilio's webhooks carry, as far as we read it. Whatever else they hold is kept as metadata."""

from gateway.providers.base import Parameter

_ACCOUNT = Parameter("AccountSid", "Account it belongs to; chooses a sub-account's token", "AC" + "0" * 32)
_CALL_SID = Parameter("CallSid", "The call", "CA" + "8" * 32, required=True)
_MESSAGE_SID = Parameter("MessageSid", "The message", "SM" + "1" * 32, required=True)
_FROM = Parameter("From", "E.164, a short code, a SIP URI, or `anonymous`", "+12125550123")
_TO = Parameter("To", "Likewise", "+12125550100")
_PARTIES = (_FROM.as_required(), _TO.as_required())

CALL = (
    _CALL_SID,
    Parameter("CallStatus", "`ringing`", "ringing", required=True),
    *_PARTIES,
    _ACCOUNT,
    Parameter("Direction", "`inbound`, or `outbound-…`", "inbound"),
)
VOICEMAIL_DONE = (_CALL_SID.as_optional(), _ACCOUNT)
CALL_STATUS = (
    _CALL_SID,
    Parameter("CallStatus", "`queued`, `ringing`, `in-progress`, `completed`, …", "completed", required=True),
    _FROM,
    _TO,
    _ACCOUNT,
    Parameter("CallDuration", "Seconds, once it is over", "83"),
    Parameter("Timestamp", "RFC 2822", "Mon, 07 Sep 2026 14:22:09 +0000"),
    Parameter("RecordingSid", "When the whole call was recorded", "RE" + "9" * 32),
    Parameter("RecordingUrl", "Where it can be fetched", "https://api.twilio.com/2010-04-01/Recordings/RE9"),
    Parameter("RecordingDuration", "Seconds", "83"),
)
RECORDING = (
    Parameter("RecordingSid", "The recording", "RE" + "9" * 32, required=True),
    Parameter("RecordingUrl", "Where it can be fetched", "https://api.twilio.com/x/RE9", required=True),
    Parameter("RecordingStatus", "Only `completed` is an event", "completed", required=True),
    _CALL_SID.as_optional(),
    _ACCOUNT,
    Parameter("RecordingStartTime", "RFC 2822", "Mon, 07 Sep 2026 14:20:46 +0000"),
    Parameter("RecordingDuration", "Seconds", "83"),
    Parameter("RecordingChannels", "1 or 2", "2"),
    Parameter("ErrorCode", "`0` when nothing went wrong", "0"),
)
SMS = (
    _MESSAGE_SID,
    *_PARTIES,
    _ACCOUNT,
    Parameter("Body", "What was written; empty beside pictures", "Can I move my cleaning to Friday?"),
    Parameter("NumMedia", "How many MediaUrl… there are", "1"),
    Parameter("MediaUrl0", "The first picture; more are numbered on", "https://api.twilio.com/x/ME3"),
    Parameter("MediaContentType0", "Its type", "image/jpeg"),
    Parameter("OptOutType", "`STOP`, `START` or `HELP`, when Twilio has answered it already", "STOP"),
)
SMS_STATUS = (
    _MESSAGE_SID,
    Parameter(
        "MessageStatus", "`queued`, `sent`, `delivered`, … (or the same as SmsStatus)", "delivered", required=True
    ),
    _FROM,
    _TO,
    _ACCOUNT,
    Parameter("ErrorCode", "Why it failed", "30007"),
    Parameter("ErrorMessage", "Likewise, in words", "Carrier violation"),
)
