"""What VoIP.ms' webhooks carry, as far as we read it. Whatever else they hold is kept as metadata."""

from gateway.providers.base import Parameter

TEXT = (
    Parameter("from", "Ten digits, E.164, or a short code", "2125550123", required=True),
    Parameter("to", "The number that was texted", "2125550100", required=True),
    Parameter("message", "What was written", "Can I move my cleaning to Friday?"),
    Parameter("id", "VoIP.ms' number of the message; SMS and MMS are counted apart", "110997718"),
    Parameter("date", "In the zone VOIPMS_TIMEZONE, or ISO 8601 with an offset", "2026-09-07 10:20:46"),
    Parameter("media", "URLs, separated by commas", "https://voip.ms/media/a.png"),
)
CALL_DETAIL = (
    Parameter("uniqueid", "The call (or the same as callid)", "1234567890.123", required=True),
    Parameter("disposition", "`answered`, `no answer`, `busy`, `failed`, …", "ANSWERED", required=True),
    Parameter("callerid", 'A number, or `"Name" <number>`', "2125550123"),
    Parameter("destination", "The number that was called", "2125550100"),
    Parameter("description", "Its first word tells the direction", "Incoming call"),
    Parameter("date", "When it began, in the zone VOIPMS_TIMEZONE", "2026-09-07 10:20:46"),
    Parameter("seconds", "How long it took (or `duration`, as 00:01:23)", "83"),
    Parameter("total", "What it cost, in US dollars", "0.0150"),
)
RECORDING = (
    Parameter("recording_id", "The recording", "rec_123456", required=True),
    Parameter("call_id", "Its call", "1234567890.123"),
    Parameter("recording_url", "Where it can be fetched", "https://voip.ms/recording/123456.mp3"),
    Parameter("duration", "Seconds, or 00:01:23", "83"),
    Parameter("date", "When it began, in the zone VOIPMS_TIMEZONE", "2026-09-07 10:20:46"),
)
