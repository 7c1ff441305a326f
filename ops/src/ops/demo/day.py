"""The day: six things that happen at a practice, each sent by the simulator and shown as the database has it."""

import difflib
import re
import time
from importlib.resources import files
from pathlib import Path
from secrets import choice, randbelow

import click

from ops.demo.report import Report
from ops.demo.stack import NoStack, Row, RunningStack

__all__ = ["NoStack", "run"]

_REPLY = "select * from sms_conversations where in_reply_to = %s and direction = 'outbound'"
_MESSAGE = "select * from sms_conversations where message_sid = %s"
_CALL = "select * from phone_calls where call_sid = %s"


_AREAS = ("201", "315", "347", "516", "518", "607", "631", "716", "718", "845", "914", "917", "929")


def _patient() -> str:
    """A number of nobody (555-01xx), different each time so that demos can be repeated."""
    return f"+1{choice(_AREAS)}55501{randbelow(100):02}"


async def run(data_dir: Path) -> int:
    """Run the day. Returns 0 when everything came out right. Raises `NoStack`."""
    stack, report, began = RunningStack.find(data_dir), Report(), time.monotonic()
    try:
        for happening in (appointment, emergency, stop_is_obeyed, call_with_voicemail, voipms_text, voipms_cdr):
            await happening(stack, report)
    finally:
        await stack.close()
    verdict = "Everything came out right" if not report.failures else f"{report.failures} things came out wrong"
    click.echo(f"\n{verdict}, after {time.monotonic() - began:.1f} s. The page: {stack.addresses['RECORDER_URL']}")
    return 1 if report.failures else 0


async def appointment(stack: RunningStack, report: Report) -> None:
    """A text about an appointment, which Twilio delivers three times."""
    report.chapter("A patient texts about an appointment; Twilio repeats the webhook twice")
    sent = await stack.send(
        "/twilio/texts",
        from_number=_patient(),
        message="Hi, do you have an appointment available on Friday?",
        delivery={"repeat": 3},
    )
    reply = await stack.wait_for(_REPLY, sent["message_sid"])
    _show_exchange(report, await stack.wait_for(_MESSAGE, sent["message_sid"]), reply)
    report.check("understood as appointment", holds=reply is not None and reply["category"] == "appointment")
    replies = await stack.rows(_REPLY, sent["message_sid"])
    report.check("answered once, though it came three times", holds=len(replies) == 1)
    delivered = reply and await stack.wait_for(_MESSAGE + " and status = 'delivered'", reply["message_sid"])
    report.check("Twilio's delivery report arrived on the reply's row", holds=bool(delivered))


async def emergency(stack: RunningStack, report: Report) -> None:
    """An emergency that also asks for an appointment."""
    report.chapter("A patient is bleeding and asks for an appointment")
    sent = await stack.send(
        "/twilio/texts",
        from_number=_patient(),
        message="My gum is bleeding and won't stop, can I book an appointment today?",
    )
    reply = await stack.wait_for(_REPLY, sent["message_sid"])
    _show_exchange(report, await stack.wait_for(_MESSAGE, sent["message_sid"]), reply)
    report.check("answered as an emergency, with 911", holds=reply is not None and "911" in (reply["message"] or ""))
    alert = await stack.wait_for("select * from alerts where origin = %s", sent["message_sid"])
    report.check("staff were alerted", holds=alert is not None)


async def stop_is_obeyed(stack: RunningStack, report: Report) -> None:
    """STOP by one provider's number silences the other's too."""
    report.chapter("A patient texts STOP, and later asks something")
    patient = _patient()
    stop = await stack.send("/twilio/texts", from_number=patient, message="STOP")
    await stack.wait_for("select * from consent where number = %s and state = 'opted_out'", patient)
    question = await stack.send("/voipms/texts", from_number=patient, message="What are your hours?")
    withheld = [await stack.wait_for(_REPLY, str(text["message_sid"])) for text in (stop, question)]
    for row in withheld:
        report.line("reply", f"withheld: {row['metadata'].get('reason')}" if row else "nothing recorded")
    texts = await stack.rows("select * from sms_conversations where to_number = %s and status <> 'suppressed'", patient)
    report.check("not one text went out", holds=not texts and all(withheld))


async def call_with_voicemail(stack: RunningStack, report: Report) -> None:
    """A call through its statuses to a transcribed voicemail."""
    report.chapter("A patient calls, hears the greeting, leaves a voicemail")
    call = await stack.send("/twilio/calls", from_number=_patient(), recording="voicemail", progress_events=True)
    ended = await stack.wait_for(_CALL + " and status = 'completed' and duration is not null", call["call_sid"])
    if ended:
        report.line("call", f"{ended['status']}, {ended['duration']} s, recording {ended['recording_duration']} s")
    report.check("the call ended as completed, with its duration", holds=ended is not None)
    click.echo("  … transcribing on this machine (the first time loads the model)")
    said = await stack.wait_for(_CALL + " and transcription_status = 'completed'", call["call_sid"], seconds=120)
    heard = said["transcription_text"] if said else ""
    report.line("transcript", heard)
    spoken = (files("simulator") / "recordings" / "voicemail.txt").read_text()
    right = _words_right(spoken, heard)
    report.check(f"{right:.0%} of the words are right", holds=right >= 0.85)


async def voipms_text(stack: RunningStack, report: Report) -> None:
    """A text through VoIP.ms' callback URL."""
    report.chapter("A patient texts the VoIP.ms number (URL callback, a GET)")
    sent = await stack.send("/voipms/texts", from_number=_patient(), message="Do you take Delta insurance?")
    answer = sent["attempts"][0]
    report.check("the callback was answered exactly 'ok'", holds=answer["status"] == 200 and answer["body"] == "ok")
    reply = await stack.wait_for(_REPLY, str(sent["message_sid"]))
    _show_exchange(report, await stack.wait_for(_MESSAGE, str(sent["message_sid"])), reply)
    report.check("answered through VoIP.ms", holds=reply is not None and reply["provider"] == "voipms")


async def voipms_cdr(stack: RunningStack, report: Report) -> None:
    """A call detail record."""
    report.chapter("A call detail record arrives for the VoIP.ms number")
    sent = await stack.send("/voipms/cdrs", from_number=_patient(), disposition="ANSWERED", seconds=83, total="0.0150")
    row = await stack.wait_for(_CALL, str(sent["call_sid"]))
    if row:
        report.line(
            "call", f"{row['direction']}, {row['status']}, {row['duration']} s, {row['price']} {row['price_unit']}"
        )
    report.check("recorded as a completed call with its cost", holds=row is not None and row["status"] == "completed")


def _show_exchange(report: Report, text: Row | None, reply: Row | None) -> None:
    report.line("patient", text["message"] if text else "nothing recorded")
    report.line("reply", f"{reply['message']}" if reply else "nothing recorded")


def _words_right(spoken: str, heard: str) -> float:
    """The share of the spoken words that were heard, in order; digits count one by one, punctuation not at all."""
    one, other = (re.findall(r"[a-z']+|\d", _spelled(text)) for text in (spoken, heard))
    matched = sum(
        block.size for block in difflib.SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
    )
    return matched / len(one)


_NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_DIGITS = {name: str(value) for value, name in enumerate(_NAMES)}


def _spelled(text: str) -> str:
    return re.sub(r"\b[a-z]+\b", lambda word: _DIGITS.get(word.group(), word.group()), text.lower())
