"""Reading TwiML as strictly as Twilio does."""

import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from typing import Literal
from xml.etree.ElementTree import Element

from simulator.webhook import Answer, any_2xx

_RECORD = "action method timeout finishOnKey maxLength playBeep trim recordingStatusCallback "
_RECORD += "recordingStatusCallbackMethod recordingStatusCallbackEvent transcribe transcribeCallback"
_GATHER = (
    "input action method timeout speechTimeout numDigits finishOnKey actionOnEmptyResult language hints speechModel "
)
_GATHER += "profanityFilter partialResultCallback partialResultCallbackMethod enhanced"
_DIAL = "action method timeout timeLimit callerId record recordingStatusCallback recordingStatusCallbackMethod "
_DIAL += "recordingStatusCallbackEvent answerOnBridge hangupOnStar ringTone sequential"
_NUMBER = "statusCallback statusCallbackEvent statusCallbackMethod url method sendDigits"

VOICE: dict[str, frozenset[str]] = {
    verb: frozenset(attributes.split())
    for verb, attributes in {
        "Say": "voice language loop",
        "Play": "loop digits",
        "Pause": "length",
        "Gather": _GATHER,
        "Record": _RECORD,
        "Dial": _DIAL,
        "Redirect": "method",
        "Hangup": "",
        "Reject": "reason",
    }.items()
}
"""Verbs that the caller understands, with their attributes."""

MESSAGING: dict[str, frozenset[str]] = {
    "Message": frozenset({"to", "from", "action", "method", "statusCallback"}),
    "Redirect": frozenset({"method"}),
}

_NESTED: dict[str, dict[str, frozenset[str]]] = {
    "Gather": {verb: VOICE[verb] for verb in ("Say", "Play", "Pause")},
    "Dial": {"Number": frozenset(_NUMBER.split()), "Sip": frozenset(_NUMBER.split()), "Client": frozenset({"url"})},
    "Message": {"Body": frozenset(), "Media": frozenset()},
}
_SSML = frozenset({"break", "emphasis", "lang", "p", "phoneme", "prosody", "s", "say-as", "sub", "w"})
_XML_TYPES = frozenset({"text/xml", "application/xml", "text/html"})
_LONGEST_SAY = 4096


class BadTwiml(Exception):
    """Twilio could not use the answer at all. Starts with Twilio's error code."""


@dataclass(frozen=True)
class Document:
    """What to do, and what Twilio would warn of."""

    kind: Literal["twiml", "text"]
    verbs: tuple[Element, ...] = ()
    text: str = ""
    warnings: tuple[str, ...] = ()


def read(answer: Answer, verbs: dict[str, frozenset[str]]) -> Document:
    """The TwiML in `answer`; a plain text is a document of its own kind. Raises `BadTwiml`."""
    refusal = any_2xx(answer)
    if refusal:
        raise BadTwiml(refusal)
    media_type = answer.content_type.partition(";")[0].strip().lower()
    if media_type == "text/plain":
        return Document("text", text=answer.body)
    if media_type not in _XML_TYPES:
        raise BadTwiml(f"12300 invalid content type: {media_type or '(none)'}")
    root = _parse(answer.body)
    warnings = [warning for verb in root for warning in _check(verb, verbs)]
    return Document("twiml", tuple(root), warnings=tuple(warnings))


def _parse(body: str) -> Element:
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 - from our own gateway, and expat bounds entity expansion
    except ElementTree.ParseError as error:
        raise BadTwiml(f"12100 document parse failure: {error}") from error
    if root.tag != "Response":
        raise BadTwiml(f"12100 document parse failure: the root is <{root.tag}>, not <Response>")
    return root


def _check(verb: Element, known: dict[str, frozenset[str]]) -> list[str]:
    attributes = known.get(verb.tag)
    if attributes is None:
        return [f"12200 schema warning: <{verb.tag}> is not known here"]
    unknown = sorted(set(verb.attrib) - attributes)
    warnings = [f"12200 schema warning: <{verb.tag}> has no attribute {name}" for name in unknown]
    if verb.tag == "Say":
        warnings += [f"12200 schema warning: <Say> has no <{child.tag}>" for child in verb if child.tag not in _SSML]
        if len("".join(verb.itertext())) > _LONGEST_SAY:
            warnings.append(f"13520 <Say> has more than {_LONGEST_SAY} characters")
        return warnings
    return warnings + [warning for child in verb for warning in _check(child, _NESTED.get(verb.tag, {}))]
