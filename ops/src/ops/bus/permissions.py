"""Who may do what on the bus: one NATS user per service, with exactly the subjects its work needs."""

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
    answers: bool = False
    """May reply to requests it receives."""

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
    answers = VoiceTurnRequest.answered_by == name
    subscribe = (f"_INBOX_{name}.>", *([question] if answers else []))
    return User(name, tuple(publish), subscribe, answers)


def _consuming(consumer: Consumer) -> tuple[str, ...]:
    return (
        f"$JS.API.CONSUMER.INFO.{EVENTS_STREAM.name}.{consumer.name}",
        f"$JS.API.CONSUMER.MSG.NEXT.{EVENTS_STREAM.name}.{consumer.name}",
        f"$JS.ACK.{EVENTS_STREAM.name}.{consumer.name}.>",
    )


def _keeping(bucket: Bucket) -> tuple[str, ...]:
    stream = f"KV_{bucket.name}"
    return (
        f"$KV.{bucket.name}.>",
        f"$JS.API.STREAM.INFO.{stream}",
        f"$JS.API.STREAM.MSG.GET.{stream}",
        f"$JS.API.DIRECT.GET.{stream}.>",
    )


def config(
    *, listen: str, monitor: str, store_dir: str, server_name: str = "frontdesk", sync_interval: str = "always"
) -> str:
    """A complete nats-server configuration for one node. Passwords stay in the environment.

    `sync_interval: always` makes every PubAck mean that the event is on the disk.
    """
    blocks = "\n".join(_user_block(user) for user in users())
    return f"""# Written by frontdesk; changes here are lost.
server_name: {server_name}
listen: "{listen}"
http: "{monitor}"
max_payload: 1MB
jetstream {{ store_dir: "{store_dir}", max_file: 16GB, max_mem: 64MB, sync_interval: {sync_interval} }}
accounts {{
  FRONTDESK {{
    jetstream: enabled
    users = [
{blocks}
    ]
  }}
}}
"""


def _user_block(user: User) -> str:
    answers = ", allow_responses: true" if user.answers else ""
    return f"""      {{ user: {user.name}, password: ${user.password_variable}, permissions: {{
          publish: {{ allow: [{_quoted(user.publish)}] }},
          subscribe: {{ allow: [{_quoted(user.subscribe)}] }}{answers} }} }}"""


def _quoted(subjects: tuple[str, ...]) -> str:
    return ", ".join(f'"{subject}"' for subject in subjects)
