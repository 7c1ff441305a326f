"""The API's description (OpenAPI 3.1), with what FastAPI does not know: how to sign in, and what errors look like."""

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, Field


class Problem(BaseModel):
    """What is wrong (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = Field(description="What is wrong, for a person")


MEDIA_TYPE = "application/problem+json"

_WAYS_IN = {
    "password": {
        "type": "http",
        "scheme": "basic",
        "description": "DASHBOARD_PASSWORD, or a person's own",
    },
    "token": {"type": "http", "scheme": "bearer", "description": "Made by `frontdesk token create`"},
    "session": {"type": "apiKey", "in": "cookie", "name": "frontdesk", "description": "`__Host-frontdesk` over https"},
}


def says(description: str) -> dict[str, Any]:
    """A response that is a problem."""
    return {"description": description, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}


def described(app: FastAPI) -> dict[str, Any]:
    """The description of `app`."""
    description = app.openapi()
    components = description["components"]
    components["schemas"]["Problem"] = Problem.model_json_schema()
    components["securitySchemes"] = _WAYS_IN
    description["security"] = [{name: []} for name in _WAYS_IN]
    return description
