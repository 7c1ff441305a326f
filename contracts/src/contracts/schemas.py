"""JSON Schemas (2020-12) of every event and command, for whoever does not speak Python.

They describe what is on the wire: absent values are left out, so no field is ever null; fields that are not described
may appear and are to be ignored.
"""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from contracts.commands import VoiceTurnReply, VoiceTurnRequest
from contracts.examples import COMMAND_EXAMPLES, examples_of
from contracts.registry import EVENTS, AnyEvent

DIALECT = "https://json-schema.org/draft/2020-12/schema"

COMMANDS: dict[str, type[BaseModel]] = {
    "frontdesk.voice.turn.request.v1": VoiceTurnRequest,
    "frontdesk.voice.turn.reply.v1": VoiceTurnReply,
}

_ORDER = ("$schema", "$id", "title", "description", "type", "required", "properties", "$defs", "examples")

_ENVELOPE = ("specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema", "data")
"""Attributes that every published event carries, whatever defaults its Python class has."""


def type_names() -> dict[str, type[BaseModel]]:
    """Every described message by its type name, events first."""
    return {**{event.type_name(): event for event in EVENTS}, **COMMANDS}


def documents() -> dict[str, dict[str, Any]]:
    """Every schema by file name."""
    return {f"{name}.json": schema_of(model) for name, model in type_names().items()}


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """The self-contained schema of one event class or command."""
    name = next(name for name, known in type_names().items() if known is model)
    schema = _on_the_wire(model.model_json_schema(schema_generator=_Generator))
    if model in EVENTS:
        schema["required"] = list(_ENVELOPE)
        schema["properties"]["type"]["description"] = "Which event, with its version"
    schema |= {"$schema": DIALECT, "$id": f"urn:frontdesk:schema:{name}", "title": model.__name__}
    schema["examples"] = examples(model)
    return {key: schema[key] for key in _ORDER if key in schema}


def examples(model: type[BaseModel]) -> list[dict[str, Any]]:
    """The examples of one event class or command as they are on the wire."""
    found: list[BaseModel] = [*_event_examples(model), *(one for one in COMMAND_EXAMPLES if type(one) is model)]
    return [example.model_dump(mode="json", exclude_none=True) for example in found]


def _event_examples(model: type[BaseModel]) -> list[AnyEvent]:
    return next((examples_of(event) for event in EVENTS if event is model), [])


class _Generator(GenerateJsonSchema):
    """Field names are titles enough; the first paragraph of a docstring is the description."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Never."""
        return False


def _on_the_wire(node: Any) -> Any:
    """`null` and Python's defaults are not on the wire; an alternative with null becomes its other branch."""
    if isinstance(node, list):
        return [_on_the_wire(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "anyOf" in node and {"type": "null"} in node["anyOf"]:
        branches = [branch for branch in node["anyOf"] if branch != {"type": "null"}]
        rest = {key: value for key, value in node.items() if key != "anyOf"}
        node = {**branches[0], **rest} if len(branches) == 1 else {**rest, "anyOf": branches}
    kept = {key: value for key, value in node.items() if key != "default"}
    return {key: _on_the_wire(value) for key, value in kept.items()}
