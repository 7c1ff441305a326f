"""What becomes of a text: a reply or silence, what it changes about consent, and whether staff are alerted. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.consent import ConsentSource, ConsentState
from contracts.sms import SmsReceived, SuppressionReason
from contracts.values import Category
from responder.consent.ledger import Standing, Word, merge
from responder.consent.words import provider_answers, source_of
from responder.numbers import is_textable
from responder.practice.model import Practice
from responder.replies import choosing as replies
from responder.sending.messages import Route
from responder.silence.machines import Machine, machine
from responder.understanding import Understanding, says_yes

TOO_OLD = timedelta(hours=24)
"""A text that waited longer with us gets no automatic answer: it would come out of the blue. What the provider's clock
says does not count: it may be wrong, or a zone away."""

_CONSENT = {Category.OPT_OUT: ConsentState.OPTED_OUT, Category.OPT_IN: ConsentState.OPTED_IN}
_CARRIER_WORDS = frozenset({Category.OPT_OUT, Category.OPT_IN, Category.HELP})


@dataclass(frozen=True)
class Reply:
    """Send this text by the first of these routes that takes it."""

    text: str
    language: str
    routes: tuple[Route, ...]


@dataclass(frozen=True)
class Silence:
    """Send nothing."""

    reason: SuppressionReason


@dataclass(frozen=True)
class Decision:
    """`consent` is the ledger's entry because of this text, None when the text changes nothing there."""

    category: Category
    answer: Reply | Silence
    consent: Word | None
    alert: bool


@dataclass(frozen=True)
class House:
    """What decisions need to know about us: the practice, its numbers in E.164, the providers we can send by."""

    practice: Practice
    own_numbers: frozenset[str]
    senders: frozenset[str]
    fallbacks: Mapping[str, str]
    """Our number at each provider that may stand in for another one."""

    def routes(self, provider: str, sender: str) -> tuple[Route, ...]:
        """How to answer a text to `sender` at `provider`: from there, or else from our numbers elsewhere."""
        others = (Route(provider=other, sender=number) for other, number in self.fallbacks.items())
        return (Route(provider=provider, sender=sender), *(way for way in others if way.provider != provider))


def decide(
    text: SmsReceived, understanding: Understanding, standing: Standing, house: House, now: datetime
) -> Decision:
    """Decide about one text, with what is known of its sender. Deciding again about the same text changes nothing."""
    sender = text.data.from_number
    if sender in house.own_numbers or sender == text.data.to_number:
        return Decision(understanding.category, Silence(SuppressionReason.OWN_NUMBER), consent=None, alert=False)
    wrote = machine(text.data.message)
    alert = understanding.category is Category.EMERGENCY and wrote is not Machine.REACTION
    if not is_textable(sender):
        return Decision(understanding.category, Silence(SuppressionReason.NOT_A_PHONE), consent=None, alert=alert)
    category = _category(text, understanding, standing)
    consent = _consent(text, category, understanding, standing, now)
    reason = _why_not(text, category, standing, consent, wrote, house, now)
    answer = Silence(reason) if reason else _reply(text, category, understanding, house, now)
    return Decision(category, answer, consent, alert)


def _reply(text: SmsReceived, category: Category, understanding: Understanding, house: House, now: datetime) -> Reply:
    chosen = replies.reply(house.practice, category, understanding.language, now)
    return Reply(chosen.text, chosen.language, house.routes(text.data.provider, text.data.to_number))


def _category(text: SmsReceived, understanding: Understanding, standing: Standing) -> Category:
    """YES opts in somebody who is opted out, or was until this very text came in before."""
    ours = standing.word is not None and standing.word.event_id == text.id
    if says_yes(text.data.message) and (standing.opted_out or ours):
        return Category.OPT_IN
    return understanding.category


def _consent(
    text: SmsReceived, category: Category, understanding: Understanding, standing: Standing, now: datetime
) -> Word | None:
    """The entry that this text makes, or made when it came in before; None when a newer word stands.

    No word counts as said in the future: behind a provider's fast clock, the next one would not be heard.
    """
    if category not in _CONSENT:
        return None
    source = ConsentSource.WORD if category is not understanding.category else source_of(understanding.by)
    said_at = min(_said_at(text, category), now)
    new = Word(state=_CONSENT[category], said_at=said_at, event_id=text.id, source=source)
    merged = merge(standing.word, new)
    return merged if merged.event_id == text.id else None


def _said_at(text: SmsReceived, category: Category) -> datetime:
    """When a word about consent counts as said. Some providers' clocks are a zone away, so doubt is settled for
    silence: STOP counts from when we got it, START from the earlier of that and what the provider says."""
    received = received_at(text)
    return received if category is Category.OPT_OUT else min(text.time, received)


def received_at(text: SmsReceived) -> datetime:
    """When we got the text; the same for every repeat."""
    return text.recordedtime or text.time


def _why_not(
    text: SmsReceived,
    category: Category,
    standing: Standing,
    consent: Word | None,
    wrote: Machine | None,
    house: House,
    now: datetime,
) -> SuppressionReason | None:
    """The reason to stay silent, the most telling one first."""
    if category in _CARRIER_WORDS and provider_answers(text):
        return SuppressionReason.PROVIDER_ANSWERS
    if category in _CONSENT:
        if consent is None or not consent.changed:
            return SuppressionReason.ALREADY_CONFIRMED
    elif standing.opted_out:
        return SuppressionReason.OPTED_OUT
    if wrote is not None:
        return SuppressionReason.AUTO_REPLY
    if now - received_at(text) > TOO_OLD:
        return SuppressionReason.TOO_OLD
    if text.data.provider not in house.senders:
        return SuppressionReason.NO_SENDER
    return None
