"""The schemas: valid, complete, and saying the same as the code, by a validator that does not know the code."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from contracts.examples import EXAMPLES
from contracts.schemas import documents, examples, type_names

ROOT = Path(__file__).resolve().parents[2] / "contracts"
SCHEMAS = documents()
MESSAGES = list(type_names())


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(SCHEMAS[f"{name}.json"], format_checker=FormatChecker())


@pytest.mark.parametrize("name", MESSAGES)
def test_a_schema_is_valid_and_says_what_it_is(name: str) -> None:
    schema = SCHEMAS[f"{name}.json"]
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:frontdesk:schema:{name}"
    assert schema["title"]
    assert schema["description"]
    assert len(schema["examples"]) >= 2


def properties(node: Any) -> list[tuple[str, dict[str, Any]]]:
    if isinstance(node, dict):
        own = list(node.get("properties", {}).items())
        return own + [found for value in node.values() for found in properties(value)]
    return [found for item in node for found in properties(item)] if isinstance(node, list) else []


@pytest.mark.parametrize("name", MESSAGES)
def test_every_field_is_described_and_none_may_be_null(name: str) -> None:
    schema = {key: value for key, value in SCHEMAS[f"{name}.json"].items() if key != "examples"}
    for field, described in properties(schema):
        assert "description" in described or "$ref" in described, field
    assert '"null"' not in json.dumps(schema)


@pytest.mark.parametrize("name", MESSAGES)
def test_the_examples_are_valid_one_minimal_and_one_full(name: str) -> None:
    found = examples(type_names()[name])
    for example in found:
        validator(name).validate(example)
    sizes = [len(json.dumps(example)) for example in found]
    assert min(sizes) < max(sizes)


@pytest.mark.parametrize("name", [name for name in MESSAGES if "voice" not in name])
@pytest.mark.parametrize("attribute", ["id", "source", "type", "subject", "time", "data", "specversion"])
def test_an_event_without_its_envelope_is_refused(name: str, attribute: str) -> None:
    example = dict(examples(type_names()[name])[0])
    del example[attribute]
    with pytest.raises(ValidationError):
        validator(name).validate(example)


def test_formats_are_checked() -> None:
    example = json.loads(EXAMPLES[0].to_json())
    for attribute, nonsense in (("id", "not-a-uuid"), ("time", "yesterday")):
        with pytest.raises(ValidationError):
            validator(example["type"]).validate({**example, attribute: nonsense})


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: type(example).__name__)
def test_the_bytes_on_the_bus_are_valid_and_tolerant_of_more(example: Any) -> None:
    body = json.loads(example.to_json())
    validator(body["type"]).validate(body)
    body["data"]["invented_later"] = body["another"] = 1
    validator(body["type"]).validate(body)


def test_the_files_hold_the_same() -> None:
    assert {path.name: json.loads(path.read_text()) for path in (ROOT / "schemas").glob("*.json")} == SCHEMAS
    for name, model in type_names().items():
        kept = [json.loads(path.read_text()) for path in sorted((ROOT / "examples" / name).glob("*.json"))]
        assert kept == examples(model)
