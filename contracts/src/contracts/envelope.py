"""The envelope of every event: CloudEvents 1.0 in structured JSON, with an id that a repeat cannot change."""

from abc import abstractmethod
from datetime import UTC, datetime
from functools import cache, lru_cache
from hashlib import sha1
from json.encoder import encode_basestring as _as_text
from json.encoder import encode_basestring_ascii as _as_json
from typing import Annotated, Any, ClassVar, Generic, Literal, Self, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

NAMESPACE = UUID("6ba9a7f5-3e0c-5d0e-9a53-0d3c1f9d2f11")
"""UUIDv5 namespace of all event ids. Changing it would make every known event look new."""

Service = Literal["gateway", "responder", "transcriber"]
"""The services that publish events."""

AccountSid = Annotated[str | None, Field(description="The provider's account that the thing belongs to")]

ProviderName = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_]{1,31}$", description="Telephony provider", examples=["twilio"])
]

READER = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)
"""Readers ignore what they do not know (additive changes), and an error never repeats a patient's words."""


def event_id(provider: str, kind: str, provider_id: str, state: str) -> str:
    """The same fact always gets the same id: UUIDv5 of provider, kind, the provider's id and the state reached."""
    named = _NAMED.copy()  # what uuid.uuid5 does, in a third of its time: every webhook has an id
    named.update(f"[{_word(provider)},{_word(kind)},{_as_json(provider_id)},{_word(state)}]".encode())
    digits = named.hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-5{digits[13:16]}-{_VARIANT[digits[16]]}{digits[17:20]}-{digits[20:32]}"


_word = lru_cache(maxsize=1_000)(_as_json)
"""The same for what there are few of."""
_TIMES = TypeAdapter(datetime).serializer
_NAMED = sha1(NAMESPACE.bytes, usedforsecurity=False)
_VARIANT = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}


class EventData(BaseModel):
    """Base of every event's `data`; its fields carry the names of the recorder's columns where there is one."""

    model_config = READER

    provider: ProviderName

    @abstractmethod
    def identity(self) -> tuple[str, str, str]:
        """(kind, provider's id, state): with the provider, what makes this fact distinct from every other."""


DataT = TypeVar("DataT", bound=EventData)


class Event(BaseModel, Generic[DataT]):
    """A fact, in the past tense, as CloudEvents 1.0 structured JSON.

    `time` is when it happened as far as the provider says, otherwise when it was received (RFC 3339, with offset);
    `recordedtime`, a CloudEvents extension, is when it was received, where that may differ.
    `subject` names the thing it is about as `provider/kind/id`. `traceparent` is the W3C Trace Context extension.
    """

    model_config = READER

    bus_subject: ClassVar[str]
    """NATS subject."""
    published_by: ClassVar[Service]
    """The only service with the right to publish it."""

    specversion: Annotated[Literal["1.0"], Field(description="Version of CloudEvents")] = "1.0"
    id: Annotated[UUID, Field(description="The same for every repeat of the same fact; also the Nats-Msg-Id")]
    source: Annotated[str, Field(min_length=1, description="Who published it", examples=["/frontdesk/gateway"])]
    type: Annotated[str, Field(description="Which event, with its version")]
    subject: Annotated[str, Field(description="What it is about: provider/kind/id")]
    time: Annotated[AwareDatetime, Field(description="When it happened, by the provider if it says so")]
    recordedtime: Annotated[AwareDatetime | None, Field(description="When it was received")] = None
    datacontenttype: Annotated[Literal["application/json"], Field(description="Of `data`")] = "application/json"
    dataschema: Annotated[str, Field(description="The schema's $id")]
    traceparent: Annotated[
        str | None,
        Field(pattern=r"^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$", description="W3C Trace Context"),
    ] = None
    data: DataT

    @classmethod
    def type_name(cls) -> str:
        """The CloudEvents type, e.g. `frontdesk.sms.received.v1`."""
        return str(cls.model_fields["type"].default)

    @classmethod
    def of(
        cls, data: DataT, *, time: datetime, recorded: datetime | None = None, traceparent: str | None = None
    ) -> Self:
        """The event that states `data`. Raises `pydantic.ValidationError` when it is not valid or `time` is naive."""
        kind, provider_id, state = data.identity()
        name = cls.type_name()
        return cls(
            id=UUID(event_id(data.provider, kind, provider_id, state)),
            source=f"/frontdesk/{cls.published_by}",
            type=name,
            subject=f"{data.provider}/{kind}/{provider_id}",
            time=time,
            recordedtime=recorded,
            dataschema=f"urn:frontdesk:schema:{name}",
            traceparent=traceparent,
            data=data,
        )

    def to_json(self) -> bytes:
        """The bytes on the bus: absent values are left out, so that null never looks like knowledge."""
        return self.__pydantic_serializer__.to_json(self, exclude_none=True)

    @classmethod
    def written(cls, data: DataT, *, time: datetime, recorded: datetime, traceparent: str) -> tuple[str, str, bytes]:
        """Id and bytes of the event that `of` makes and `to_json` writes, in half the time: without making it.

        Between them is the provider's id of the thing it is about.

        Only `data` holds what came from outside, and that is valid: it is a model. The envelope around it is ours.
        """
        kind, provider_id, state = data.identity()
        named = event_id(data.provider, kind, provider_id, state)
        received = _moment(recorded)
        happened = received if time is recorded else _moment(time)
        envelope = (
            f'{_beginning(cls)},"id":"{named}","subject":{_as_text(f"{data.provider}/{kind}/{provider_id}")}'
            f',"time":"{happened}","recordedtime":"{received}","traceparent":"{traceparent}","data":'
        )
        written = data.__pydantic_serializer__.to_json(data, exclude_none=True)
        return named, provider_id, b"%b%b}" % (envelope.encode(), written)


@cache
def _beginning(kind: type[Event[Any]]) -> str:
    """What all events of a kind have in common."""
    name = kind.type_name()
    return (
        f'{{"specversion":"1.0","source":"/frontdesk/{kind.published_by}","type":"{name}"'
        f',"datacontenttype":"application/json","dataschema":"urn:frontdesk:schema:{name}"'
    )


def _moment(time: datetime) -> str:
    """As pydantic writes it, which takes a third of `isoformat`'s time. Raises `ValueError` for a naive time."""
    if time.tzinfo is None:
        raise ValueError("a time without an offset is no moment")
    utc = time if time.tzinfo is UTC else time.astimezone(UTC)
    written: str = _TIMES.to_python(utc, mode="json")
    return written
