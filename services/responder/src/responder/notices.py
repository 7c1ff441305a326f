"""The events that tell what became of a text of our own accord. Pure."""

from dataclasses import dataclass
from datetime import datetime

from chassis.tracing import child_of
from contracts.notice import NoticePurpose, NoticeSent, NoticeSentData, NoticeWithheld, NoticeWithheldData
from contracts.sms import SuppressionReason
from responder.sending.keys import notice_key
from responder.sending.messages import About, Ending, Route, Sent, UnknownOutcome, Withheld

Notice = NoticeSent | NoticeWithheld


@dataclass(frozen=True)
class Notification:
    """A text of our own accord, as far as it is known before it is written."""

    purpose: NoticePurpose
    cause: str
    """Id of the alert, or call_sid of the missed call."""
    recipient: str
    provider: str
    """Where the cause came from."""
    step: int = 1
    traceparent: str | None = None

    @property
    def key(self) -> str:
        """Its claim's."""
        return notice_key(purpose=self.purpose, cause=self.cause, recipient=self.recipient, step=self.step)

    def tell(self, ending: Ending, at: datetime) -> Notice:
        """How it ended."""
        match ending:
            case Sent():
                return self._sent(ending, at)
            case Withheld(reason, about, code, route):
                return self._withheld(reason, about, code, route, at)
            case UnknownOutcome(outgoing, route):
                return self._withheld(SuppressionReason.UNKNOWN_OUTCOME, outgoing.about, None, route, at)

    def _sent(self, ending: Sent, at: datetime) -> NoticeSent:
        data = NoticeSentData(
            provider=ending.route.provider,
            message_sid=ending.message_sid,
            purpose=self.purpose,
            cause=self.cause,
            step=self.step,
            from_number=ending.route.sender,
            to_number=self.recipient,
            message=ending.outgoing.text,
            status=ending.status,
            language=ending.outgoing.about.language,
        )
        return NoticeSent.of(data, time=at, traceparent=child_of(self.traceparent))

    def _withheld(
        self, reason: SuppressionReason, about: About, code: str | None, route: Route | None, at: datetime
    ) -> NoticeWithheld:
        data = NoticeWithheldData(
            provider=route.provider if route else self.provider,
            purpose=self.purpose,
            cause=self.cause,
            step=self.step,
            from_number=route.sender if route else None,
            to_number=self.recipient,
            reason=reason,
            error_code=code,
        )
        return NoticeWithheld.of(data, time=at, traceparent=child_of(self.traceparent))


def may_have_left(outcome: Notice) -> bool:
    """Whether the text was sent, or nobody can tell."""
    return isinstance(outcome, NoticeSent) or outcome.data.reason is SuppressionReason.UNKNOWN_OUTCOME
