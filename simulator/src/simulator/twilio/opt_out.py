"""Twilio's own handling of STOP, START and HELP (Twilio docs, "Advanced Opt-Out")."""

import string
from dataclasses import dataclass
from enum import StrEnum


class Wish(StrEnum):
    """What a patient's word means to Twilio."""

    STOP = "STOP"
    START = "START"
    HELP = "HELP"


_WORDS = {
    **dict.fromkeys(("STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "CANCEL", "REVOKE", "OPTOUT"), Wish.STOP),
    **dict.fromkeys(("START", "YES", "UNSTOP"), Wish.START),
    **dict.fromkeys(("HELP", "INFO"), Wish.HELP),
}

ANSWERS = {
    Wish.STOP: "You have successfully been unsubscribed. You will not receive any more messages from this number. "
    "Reply START to resubscribe.",
    Wish.START: "You have successfully been re-subscribed to messages from this number. Reply HELP for help. "
    "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
    Wish.HELP: "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
}


@dataclass(frozen=True)
class Block:
    """A patient who opted out. With Advanced Opt-Out later texts fail asynchronously instead of at once."""

    advanced: bool


class OptOuts:
    """Who may not be texted from which of our numbers."""

    def __init__(self) -> None:
        self._blocks: dict[tuple[str, str], Block] = {}

    def block(self, ours: str, patient: str) -> Block | None:
        """The block of this pair of numbers."""
        return self._blocks.get((ours, patient))

    def heard(self, ours: str, patient: str, message: str, opt_out_type: str | None) -> str | None:
        """Act on a patient's text; what Twilio itself answers, if anything.

        The word must be the whole message. Who is opted out already gets no answer to STOP and HELP.
        """
        wish = Wish(opt_out_type) if opt_out_type else _WORDS.get(message.strip(string.whitespace).upper())
        if wish is None:
            return None
        blocked = self._blocks.pop((ours, patient), None)
        if wish is Wish.STOP or (blocked and wish is Wish.HELP):
            self._blocks[ours, patient] = blocked or Block(advanced=opt_out_type is not None)
        return None if blocked and wish is not Wish.START else ANSWERS[wish]

    def forget(self) -> None:
        """Lift every block."""
        self._blocks.clear()
