"""Counting and logging what became of errands."""

from chassis import logs
from chassis.masking import mask_number
from chassis.tracing import trace_id
from contracts.notice import NoticeSent, NoticeWithheld
from contracts.sms import SmsSent, SmsSuppressed
from responder.metrics import NOTICES, REPLIES
from responder.sending.messages import Outcome

log = logs.get(__name__)


def report(key: str, outcome: Outcome) -> None:
    """Tell of an errand that has just reached its outcome."""
    said = "sent" if isinstance(outcome, SmsSent | NoticeSent) else str(outcome.data.reason)
    code = None if isinstance(outcome, SmsSent | NoticeSent) else outcome.data.error_code
    data = outcome.data
    if isinstance(outcome, SmsSent | SmsSuppressed):
        REPLIES.labels(outcome.data.in_reply_to_provider, str(outcome.data.category), said).inc()
        log.info(
            "text concluded",
            outcome=said,
            error_code=code,
            category=str(outcome.data.category),
            provider=data.provider,
            patient=mask_number(data.to_number),
            event_id=key,
            trace_id=trace_id(outcome.traceparent),
        )
    elif isinstance(outcome, NoticeSent | NoticeWithheld):
        NOTICES.labels(data.provider, str(outcome.data.purpose), said).inc()
        log.info(
            "notice concluded",
            outcome=said,
            error_code=code,
            purpose=str(outcome.data.purpose),
            step=outcome.data.step,
            provider=data.provider,
            recipient=mask_number(data.to_number),
            trace_id=trace_id(outcome.traceparent),
        )
