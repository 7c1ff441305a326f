"""The AsyncAPI 3 document of the whole system: which service says what to which, on which subject.

AsyncAPI describes one application, and `send` and `receive` are meant from its side. Frontdesk is several: every
operation is therefore told from the side of the one service that its id and its tag name. An event that one service
publishes and two consume has three operations on one channel.
"""

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version as installed
from typing import Any

from pydantic import BaseModel

from contracts import dead_letters, topology
from contracts.commands import VoiceTurnReply, VoiceTurnRequest
from contracts.registry import EVENTS, AnyEvent
from contracts.schemas import examples, type_names
from contracts.topology import CONSUMERS, DEAD_LETTERS, Consumer, dead_letter_subject
from contracts.topology import EVENTS as EVENTS_STREAM

Node = dict[str, Any]

EVENT_CONTENT_TYPE = "application/cloudevents+json"

SERVICES = {
    "gateway": "Takes the providers' webhooks, checks that they are authentic and publishes them.",
    "recorder": "Folds all events into one row per call and per text, and shows them.",
    "responder": "Understands texts and calls, and answers each text at most once.",
    "transcriber": "Turns recordings into text.",
}

_ABOUT = """\
What the services of Frontdesk say to each other over NATS.

Events are facts: CloudEvents 1.0 in structured JSON, kept in the JetStream stream `EVENTS`. Their `id` is made of what
they state, so a repeat is the same event. Commands are questions with a deadline, on core NATS. A message that a
service cannot handle goes, as it was, to that service's dead letters.

Every operation is told from the side of the service that its id and its tag name: the service sends or receives.

Readers ignore fields and event types they do not know, and take words they do not know wherever a schema has
`x-extensible-enum`. Within one type only additive changes are made; a breaking change is a new type (`…v2`)."""


@dataclass(frozen=True)
class _Command:
    request: type[VoiceTurnRequest]
    reply: type[VoiceTurnReply]
    asks: str
    answers: str

    @property
    def name(self) -> str:
        """`voice.turn`."""
        return self.request.bus_subject.removeprefix("commands.")


_COMMANDS = (
    _Command(VoiceTurnRequest, VoiceTurnReply, asks=VoiceTurnRequest.asked_by, answers=VoiceTurnRequest.answered_by),
)
_NAMES: dict[type[BaseModel], str] = {model: name for name, model in type_names().items()}
_CONSUMING = tuple(dict.fromkeys(consumer.service for consumer in CONSUMERS))
_DEAD = "dead"


def document(version: str | None = None) -> Node:
    """The document, always the same for the same contracts. `version` is that of the installed contracts if not given.

    Payloads refer to `./schemas/<type>.json`, so the document is meant to lie beside the folder of schemas.
    """
    return {
        "asyncapi": "3.0.0",
        "id": "urn:frontdesk",
        "info": {
            "title": "Frontdesk",
            "version": version or installed("frontdesk-contracts"),
            "description": _ABOUT,
            "tags": [{"$ref": f"#/components/tags/{service}"} for service in SERVICES],
        },
        "defaultContentType": EVENT_CONTENT_TYPE,
        "servers": {"nats": _SERVER},
        "channels": dict(_channels()),
        "operations": dict(_operations()),
        "components": {
            "messages": dict(_messages()),
            "schemas": {"EventHeaders": _headers(_EVENT_HEADERS)},
            "tags": {name: {"name": name, "description": about} for name, about in SERVICES.items()},
            "securitySchemes": {"user": _USER},
        },
    }


def consumers_of(event: type[AnyEvent]) -> tuple[Consumer, ...]:
    """The durable consumers whose subjects take in `event`."""
    return topology.consumers_of(event.bus_subject)


_SERVER: Node = {
    "host": "localhost:4222",
    "protocol": "nats",
    "title": "NATS with JetStream",
    "description": "The address is set by NATS_URL. Each service has a user that may touch only its own subjects.",
    "security": [{"$ref": "#/components/securitySchemes/user"}],
}
_USER: Node = {"type": "userPassword", "description": "In NATS_URL, or a credentials file (NATS_CREDS)."}


def _channels() -> Iterator[tuple[str, Node]]:
    for event in EVENTS:
        yield event.bus_subject, _channel(event.bus_subject, event) | {"x-jetstream-stream": EVENTS_STREAM.name}
    for command in _COMMANDS:
        subject, seconds = command.request.bus_subject, command.request.deadline_seconds
        deadline = f"Request and reply on core NATS; after {seconds:g} s without a reply the asker goes on without."
        inbox = f"The reply subject of the request, below `_INBOX_{command.asks}`."
        yield subject, _channel(subject, command.request, deadline)
        yield f"{subject}.reply", _channel(None, command.reply, inbox)
    yield _DEAD, _dead_channel()


def _channel(address: str | None, message: type[BaseModel], description: str | None = None) -> Node:
    return {
        "address": address,
        "summary": _summary(message),
        **({"description": description} if description else {}),
        "messages": {_NAMES[message]: {"$ref": f"#/components/messages/{_NAMES[message]}"}},
    }


def _dead_channel() -> Node:
    return {
        "address": dead_letter_subject("{service}"),
        "title": "Dead letters",
        "summary": "What a service cannot handle.",
        "parameters": {"service": {"enum": list(_CONSUMING), "description": "The service that set it aside."}},
        "messages": {"DeadLetter": {"$ref": "#/components/messages/DeadLetter"}},
        "x-jetstream-stream": DEAD_LETTERS.name,
    }


def _operations() -> Iterator[tuple[str, Node]]:
    for service in SERVICES:
        yield from _publishing(service)
        yield from _consuming(service)
        yield from _commanding(service)
        if service in _CONSUMING:
            yield f"{service}.sets_aside", _setting_aside(service)


def _publishing(service: str) -> Iterator[tuple[str, Node]]:
    for event in EVENTS:
        if event.published_by == service:
            yield f"{service}.publishes.{_about(event)}", _operation("send", service, event.bus_subject, event)


def _consuming(service: str) -> Iterator[tuple[str, Node]]:
    for event in EVENTS:
        consumers = [_durable(consumer) for consumer in consumers_of(event) if consumer.service == service]
        if consumers:
            operation = _operation("receive", service, event.bus_subject, event)
            yield f"{service}.consumes.{_about(event)}", {**operation, "x-jetstream-consumers": consumers}


def _commanding(service: str) -> Iterator[tuple[str, Node]]:
    for command in _COMMANDS:
        if command.asks == service:
            yield f"{service}.asks.{command.name}", _asking(command)
        if command.answers == service:
            yield f"{service}.answers.{command.name}", _answering(command)


def _about(event: type[AnyEvent]) -> str:
    """`sms.received`."""
    return event.bus_subject.removeprefix("events.")


def _operation(action: str, service: str, subject: str, message: type[BaseModel]) -> Node:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{subject}"},
        "summary": _summary(message),
        "tags": [{"$ref": f"#/components/tags/{service}"}],
        "messages": [{"$ref": f"#/channels/{subject}/messages/{_NAMES[message]}"}],
    }


def _durable(consumer: Consumer) -> Node:
    """How the service receives it: its replicas share one durable pull consumer."""
    return {
        "stream": EVENTS_STREAM.name,
        "durable": consumer.name,
        "filterSubjects": list(consumer.subjects),
        "ackWaitSeconds": consumer.ack_wait,
        "maxAckPending": consumer.max_ack_pending,
    }


def _asking(command: _Command) -> Node:
    operation = _operation("send", command.asks, command.request.bus_subject, command.request)
    return {**operation, "reply": _reply(command)}


def _answering(command: _Command) -> Node:
    return {
        **_operation("receive", command.answers, command.request.bus_subject, command.request),
        "description": "The queue lets exactly one replica answer.",
        "bindings": {"nats": {"queue": command.answers, "bindingVersion": "0.1.0"}},
        "reply": _reply(command),
    }


def _reply(command: _Command) -> Node:
    channel = f"#/channels/{command.request.bus_subject}.reply"
    return {"channel": {"$ref": channel}, "messages": [{"$ref": f"{channel}/messages/{_NAMES[command.reply]}"}]}


def _setting_aside(service: str) -> Node:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{_DEAD}"},
        "summary": f"To {dead_letter_subject(service)}: what {service} cannot handle.",
        "tags": [{"$ref": f"#/components/tags/{service}"}],
        "messages": [{"$ref": f"#/channels/{_DEAD}/messages/DeadLetter"}],
    }


def _messages() -> Iterator[tuple[str, Node]]:
    for event in EVENTS:
        yield _NAMES[event], _message(event, EVENT_CONTENT_TYPE, {"$ref": "#/components/schemas/EventHeaders"})
    for command in _COMMANDS:
        for side in (command.request, command.reply):
            yield _NAMES[side], _message(side, "application/json")
    yield "DeadLetter", _dead_letter()


def _message(model: type[BaseModel], content_type: str, headers: Node | None = None) -> Node:
    name = _NAMES[model]
    return {
        "name": name,
        "title": _title(model),
        "summary": _summary(model),
        **_description(model),
        "contentType": content_type,
        **({"headers": headers} if headers else {}),
        "payload": {"$ref": f"./schemas/{name}.json"},
        "examples": [{"name": f"{name}/{n}", "payload": one} for n, one in enumerate(examples(model), start=1)],
    }


_EVENT_HEADERS: Node = {
    "Nats-Msg-Id": {"type": "string", "format": "uuid", "description": "The event's `id`: drops repeats."},
    "content-type": {"type": "string", "const": EVENT_CONTENT_TYPE},
}


def _dead_letter() -> Node:
    reasons = [reason.value for reason in dead_letters.DeadLetterReason]
    why = "`invalid`: no valid event; `refused`: it asks for what can never be done; `exhausted`: it kept failing."
    headers: Node = {
        "Nats-Msg-Id": {"type": "string", "description": "`consumer:stream:sequence` of the original."},
        dead_letters.REASON_HEADER: {"type": "string", "enum": reasons, "description": why},
        dead_letters.DETAIL_HEADER: {"type": "string", "maxLength": 500, "description": "For operators, in ASCII."},
        dead_letters.SUBJECT_HEADER: {"type": "string", "description": "The subject it arrived on."},
        dead_letters.CONSUMER_HEADER: {"type": "string", "enum": [consumer.name for consumer in CONSUMERS]},
        dead_letters.ATTEMPTS_HEADER: {"type": "string", "pattern": "^[1-9][0-9]*$", "description": "Deliveries."},
    }
    return {
        "name": "DeadLetter",
        "title": "Dead letter",
        "summary": "The original bytes, with headers that say where they came from and why they were set aside.",
        "contentType": "application/octet-stream",
        "headers": _headers(headers),
    }


def _headers(properties: Node) -> Node:
    return {"type": "object", "required": list(properties), "properties": properties}


def _title(model: type[BaseModel]) -> str:
    """`SmsStatusChanged` becomes `SMS status changed`."""
    words = re.findall(r"[A-Z][a-z0-9]*", model.__name__)
    return " ".join(["SMS" if words[0] == "Sms" else words[0], *(word.lower() for word in words[1:])])


def _summary(model: type[BaseModel]) -> str:
    return (inspect.getdoc(model) or "").split("\n\n")[0]


def _description(model: type[BaseModel]) -> Node:
    """What the docstring of an event's data adds to that of the event."""
    data = model.model_fields.get("data")
    return {"description": inspect.getdoc(data.annotation)} if data else {}
