"""The webhooks as an OpenAPI document, for testers and for whoever builds a provider's double. It is not served."""

import json
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from gateway.providers import PROVIDERS
from gateway.providers.base import Parameter, Provider, Webhook
from gateway.settings import GatewaySettings

_ERRORS = {
    400: "Incomplete, or from the provider but without something we need: `field` names it",
    403: "The sender did not prove to be the provider",
    408: "The body took too long",
    413: "The body is larger than 256 KiB",
    429: "Its sender failed too often, or the provider sends more than we take",
    503: "The event could not be stored: send it again",
}
_RETRY_AFTER = {"Retry-After": {"description": "Seconds", "schema": {"type": "integer", "minimum": 1}}}
_ERROR_SCHEMA = {
    "type": "object",
    "required": ["error"],
    "additionalProperties": False,
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "additionalProperties": False,
            "properties": {name: {"type": "string"} for name in ("code", "message", "field")},
        }
    },
}


def document() -> dict[str, Any]:
    """All webhooks of all providers."""
    providers = [provide(GatewaySettings.model_construct()) for provide in PROVIDERS]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Frontdesk gateway",
            "version": version("frontdesk-gateway"),
            "description": "Webhooks of telephony providers. A 2xx means that what they said is stored.",
        },
        "paths": {webhook.path: _operations(provider, webhook) for provider, webhook in _webhooks(providers)},
        "components": {
            "schemas": {"Error": _ERROR_SCHEMA},
            "securitySchemes": {provider.name: dict(provider.security) for provider in providers},
        },
    }


def text() -> str:
    """The document as it is written to a file."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def _webhooks(providers: list[Provider]) -> Iterator[tuple[Provider, Webhook]]:
    return ((provider, webhook) for provider in providers for webhook in provider.webhooks)


def _operations(provider: Provider, webhook: Webhook) -> dict[str, Any]:
    return {method.lower(): _operation(provider, webhook, method) for method in webhook.methods}


def _operation(provider: Provider, webhook: Webhook, method: str) -> dict[str, Any]:
    where = (
        {"parameters": [_in_query(parameter) for parameter in webhook.parameters]}
        if method == "GET"
        else {"requestBody": {"required": True, "content": _bodies(webhook)}}
    )
    return {
        "operationId": f"{method.lower()}{webhook.path.replace('/', '_')}",
        "tags": [provider.name],
        "security": [{provider.name: []}],
        **where,
        "responses": {str(webhook.reply.status): _reply(webhook)} | {str(code): _error(code) for code in _ERRORS},
    }


def _in_query(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": "query",
        "required": parameter.required,
        "description": parameter.description,
        "schema": {"type": "string", "examples": [parameter.example]},
    }


def _bodies(webhook: Webhook) -> dict[str, Any]:
    schema = {
        "type": "object",
        "required": [parameter.name for parameter in webhook.parameters if parameter.required],
        "properties": {
            parameter.name: {
                "type": "string",
                "description": parameter.description,
                "examples": [parameter.example],
                **({"minLength": 1} if parameter.required else {}),
            }
            for parameter in webhook.parameters
        },
        "additionalProperties": {"type": "string"},
    }
    return {media_type: {"schema": schema} for media_type in webhook.media_types}


def _reply(webhook: Webhook) -> dict[str, Any]:
    media_type = webhook.reply.media_type
    content = {"content": {media_type: {"schema": {"type": "string"}}}} if media_type else {}
    always = "; whatever happens once the caller is verified" if webhook.live else ""
    return {"description": f"Stored, or nothing to store{always}", **content}


def _error(code: int) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    return {"description": _ERRORS[code], "content": content, **({"headers": _RETRY_AFTER} if code == 429 else {})}
