"""What Twilio expects to hear: TwiML, or nothing."""

from xml.sax.saxutils import escape, quoteattr

from gateway.providers.base import Reply

_VOICE = "Polly.Joanna"
_GREETING = (
    "Thank you for calling. If this is a life-threatening emergency, please hang up and call 9 1 1. "
    "Calls may be recorded. Please leave your name, your number and a message after the tone, "
    "and we will call you back."
)
_NOTHING_HEARD = "We did not hear a message. Please call again. Goodbye."
_GOODBYE = "Thank you. We have your message. Goodbye."


def verb(name: str, text: str = "", **attributes: str | int) -> str:
    """One TwiML element."""
    written = "".join(f" {key}={quoteattr(str(value))}" for key, value in attributes.items())
    return f"<{name}{written}>{escape(text)}</{name}>" if text else f"<{name}{written}/>"


def twiml(*verbs: str) -> Reply:
    """A TwiML document."""
    response = f"<Response>{''.join(verbs)}</Response>" if verbs else "<Response/>"
    return Reply(200, "text/xml", f'<?xml version="1.0" encoding="UTF-8"?>{response}'.encode())


def say(text: str) -> str:
    """Speak to the caller."""
    return verb("Say", text, voice=_VOICE, language="en-US")


def voicemail(*, done: str, recorded: str) -> Reply:
    """Greet and take a message. `done` is asked for once the caller is through, `recorded` is told of the recording.

    Twilio docs (TwiML Record): without `action` the same document is asked for again and again; verbs after it are
    reached only when nothing was recorded.
    """
    record = verb(
        "Record",
        action=done,
        method="POST",
        maxLength=300,
        timeout=5,
        playBeep="true",
        recordingStatusCallback=recorded,
        recordingStatusCallbackMethod="POST",
        recordingStatusCallbackEvent="completed absent",
    )
    return twiml(say(_GREETING), record, say(_NOTHING_HEARD), verb("Hangup"))


THANKS = twiml(say(_GOODBYE), verb("Hangup"))
SILENCE = twiml()
"""No reply text: a plain `ok` would be texted back to the patient."""
NOTED = Reply(204)
