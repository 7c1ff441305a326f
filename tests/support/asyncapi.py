"""A validator of AsyncAPI 3 documents in Python, for where Node is not: as much of the standard as ours needs."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from jsonschema import Draft202012Validator
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

Json = dict[str, Any]


class Strict(BaseModel):
    """Knows its fields; `x-…` may stand everywhere, as the standard says."""

    model_config = ConfigDict(extra="forbid", strict=True)

    @model_validator(mode="before")
    @classmethod
    def _without_extensions(cls, value: Any) -> Any:
        return {k: v for k, v in value.items() if not k.startswith("x-")} if isinstance(value, dict) else value


class Reference(Strict):
    ref: Annotated[str, Field(alias="$ref", pattern=r"^(#/|\./schemas/)")]


class Tag(Strict):
    name: str
    description: str | None = None


class Info(Strict):
    title: str
    version: str
    description: str | None = None
    tags: list[Tag | Reference] = []


class Server(Strict):
    host: str
    protocol: str
    title: str | None = None
    description: str | None = None
    security: list[Reference] = []


class Parameter(Strict):
    enum: list[str]
    description: str


class Channel(Strict):
    address: str | None
    title: str | None = None
    summary: str | None = None
    description: str | None = None
    parameters: dict[str, Parameter] = {}
    messages: dict[str, Reference]


class Reply(Strict):
    channel: Reference
    messages: list[Reference]


class Operation(Strict):
    action: Literal["send", "receive"]
    channel: Reference
    summary: str | None = None
    description: str | None = None
    tags: list[Reference] = []
    messages: list[Reference]
    bindings: Json = {}
    reply: Reply | None = None


class Example(Strict):
    name: str
    payload: Any


class Message(Strict):
    name: str
    title: str
    summary: str
    description: str | None = None
    content_type: Annotated[str, Field(alias="contentType")]
    headers: Json | None = None
    payload: Reference | None = None
    examples: list[Example] = []


class Components(Strict):
    messages: dict[str, Message]
    schemas: dict[str, Json]
    tags: dict[str, Tag]
    security_schemes: Annotated[Json, Field(alias="securitySchemes")]


class Document(Strict):
    asyncapi: Annotated[str, Field(pattern=r"^3\.0\.\d+$")]
    id: str
    info: Info
    default_content_type: Annotated[str, Field(alias="defaultContentType")]
    servers: dict[str, Server]
    channels: dict[str, Channel]
    operations: dict[str, Operation]
    components: Components


def problems(document: Json, schemas: Mapping[str, Json]) -> list[str]:
    """What is wrong with `document`, whose payloads are `schemas` by file name; empty when nothing is."""
    try:
        read = Document.model_validate(document)
    except ValidationError as error:
        return [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
    dangling = [
        f"{ref}: there is no such thing" for ref in references(document) if not _resolves(ref, document, schemas)
    ]
    return dangling or [*_strangers(read), *_examples(read, schemas)]


def references(node: Any) -> Iterator[str]:
    """Every `$ref`, outside of examples."""
    if isinstance(node, list):
        for item in node:
            yield from references(item)
    elif isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for key, value in node.items():
            if key != "examples":
                yield from references(value)


def resolve(ref: str, document: Json) -> Any:
    """What `#/a/b` points to. Raises `KeyError`."""
    node: Any = document
    for word in ref.removeprefix("#/").split("/"):
        node = node[word.replace("~1", "/").replace("~0", "~")]
    return node


def _resolves(ref: str, document: Json, schemas: Mapping[str, Json]) -> bool:
    if ref.startswith("./schemas/"):
        return ref.removeprefix("./schemas/") in schemas
    try:
        resolve(ref, document)
    except KeyError:
        return False
    return True


def _strangers(document: Document) -> Iterator[str]:
    """Messages that an operation or its reply takes from another channel than its own."""
    for name, operation in document.operations.items():
        for side in (operation, operation.reply):
            if side:
                for message in side.messages:
                    if not message.ref.startswith(f"{side.channel.ref}/messages/"):
                        yield f"{name}: {message.ref} is not a message of {side.channel.ref}"


def _examples(document: Document, schemas: Mapping[str, Json]) -> Iterator[str]:
    for message in document.components.messages.values():
        if message.payload:
            validator = Draft202012Validator(schemas[message.payload.ref.removeprefix("./schemas/")])
            for example in message.examples:
                yield from (f"{example.name}: {error.message}" for error in validator.iter_errors(example.payload))
