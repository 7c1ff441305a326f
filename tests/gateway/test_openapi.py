"""The OpenAPI document says what the gateway does."""

from pathlib import Path
from typing import Any

import pytest
from jsonschema.validators import Draft202012Validator

from gateway.openapi import document, text
from support.gateway import VOIPMS_TOKEN, Gateway

ROOT = Path(__file__).parents[2]
FORM = "application/x-www-form-urlencoded"
WEBHOOKS = [path for path, operations in document()["paths"].items() if "post" in operations]


def described(path: str) -> tuple[dict[str, Any], dict[str, str]]:
    """The schema of a webhook's form, and a form made of the examples in it."""
    operation = document()["paths"][path]["post"]
    schema = operation["requestBody"]["content"][FORM]["schema"]
    return schema, {name: parameter["examples"][0] for name, parameter in schema["properties"].items()}


async def sent(gateway: Gateway, path: str, form: dict[str, str]) -> Any:
    if "voip" in path:
        return await gateway.http.post(path, data=form, params={"token": VOIPMS_TOKEN})
    return await gateway.twilio(path, form)


def test_the_file_is_what_the_code_says() -> None:
    assert (ROOT / "docs" / "openapi" / "gateway.json").read_text() == text(), "run 'frontdesk openapi write'"


@pytest.mark.parametrize("path", WEBHOOKS)
def test_every_schema_is_one_and_allows_its_examples(path: str) -> None:
    schema, example = described(path)
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(example)


async def test_the_examples_are_accepted_and_lead_to_events(gateway: Gateway) -> None:
    for path in WEBHOOKS:
        schema, example = described(path)
        needed = {name: example[name] for name in schema["required"]}
        documented = document()["paths"][path]["post"]["responses"]
        for form in (example, needed):
            answer = await sent(gateway, path, form)
            assert answer.is_success, (path, form, answer.text)
            assert str(answer.status_code) in documented
    assert {line["outcome"] for line in gateway.log_lines()} == {"accepted", "ignored"}


async def test_exactly_what_is_described_as_required_is_required(gateway: Gateway) -> None:
    for path in WEBHOOKS:
        schema, example = described(path)
        for name in example:
            answer = await sent(gateway, path, {other: value for other, value in example.items() if other != name})
            outcome = gateway.log_lines()[-1]["outcome"]
            assert (outcome == "malformed") == (name in schema["required"]), (path, name, answer.text)
