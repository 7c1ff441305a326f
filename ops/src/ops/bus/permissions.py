"""Who may do what on the bus: one NATS user per service, with exactly the subjects its work needs.

`ops.bus.configuration` makes a server of it, `ops.bus.probing` asks a server whether it is so.
"""

from dataclasses import dataclass

from contracts import EVENTS
from contracts.commands import VoiceTurnRequest
from contracts.topology import BUCKETS, CONSUMERS, Bucket, Consumer, dead_letter_subject
from contracts.topology import EVENTS as EVENTS_STREAM

OPERATOR = "operator"
"""May do everything in the account: provisioning, looking, replaying."""

SERVICES = ("gateway", "recorder", "responder", "transcriber")


@dataclass(frozen=True)
class User:
    """A NATS user. Its password is read by the server from the environment variable `password_variable`."""

    name: str
    publish: tuple[str, ...]
    subscribe: tuple[str, ...]
    answers: tuple[str, ...] = ()
    """Commands of other users that it receives and may reply to."""

    @property
    def password_variable(self) -> str:
        """e.g. NATS_PASSWORD_GATEWAY."""
        return f"NATS_PASSWORD_{self.name.upper()}"


def users() -> tuple[User, ...]:
    """Every user of the account, derived from the contracts."""
    return (User(OPERATOR, publish=(">",), subscribe=(">",)), *(_service(name) for name in SERVICES))


def _service(name: str) -> User:
    consumers = [consumer for consumer in CONSUMERS if consumer.service == name]
    question = VoiceTurnRequest.bus_subject
    publish = [
        *(event.bus_subject for event in EVENTS if event.published_by == name),
        *([question] if VoiceTurnRequest.asked_by == name else []),
        *(subject for consumer in consumers for subject in _consuming(consumer)),
        *(subject for bucket in BUCKETS if bucket.service == name for subject in _keeping(bucket)),
        *([dead_letter_subject(name)] if consumers else []),
    ]
    answers = (question,) if VoiceTurnRequest.answered_by == name else ()
    return User(name, tuple(publish), (f"_INBOX_{name}.>", *answers), answers)


def _consuming(consumer: Consumer) -> tuple[str, ...]:
    return (
        f"$JS.API.CONSUMER.INFO.{EVENTS_STREAM.name}.{consumer.name}",
        f"$JS.API.CONSUMER.MSG.NEXT.{EVENTS_STREAM.name}.{consumer.name}",
        f"$JS.ACK.{EVENTS_STREAM.name}.{consumer.name}.>",
    )


def _keeping(bucket: Bucket) -> tuple[str, ...]:
    return (
        f"$KV.{bucket.name}.>",
        f"$JS.API.STREAM.INFO.KV_{bucket.name}",
        f"$JS.API.STREAM.MSG.GET.KV_{bucket.name}",  # asks the leader; a direct get may ask a replica that is behind
    )
