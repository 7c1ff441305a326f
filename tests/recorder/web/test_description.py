"""The API's description is true, and kept where people find it."""

import json
from pathlib import Path

from recorder.database import Database
from recorder.web import openapi
from support.recorder import PATIENT, PRACTICE, as_json
from support.recorder_day import a_day
from support.recorder_web import credentials, visiting

ROOT = Path(__file__).resolve().parents[3]


def test_the_file_is_what_the_code_says() -> None:
    assert json.loads((ROOT / "docs/openapi/recorder.json").read_text()) == openapi()


async def test_it_is_served_to_who_is_signed_in(direct: Database) -> None:
    async with visiting(direct) as client:
        assert (await client.get("/api/openapi.json")).status_code == 401
        assert (await client.get("/api/openapi.json", auth=credentials())).json() == openapi()


async def test_answers_are_what_it_says(direct: Database) -> None:
    """Every key of an answer is in its schema, and every key its schema requires is there."""
    await direct.record(as_json(a_day()))
    schemas = openapi()["components"]["schemas"]
    expected = {
        "/api/calls": "Calls",
        "/api/calls/twilio/CA1": "CallDetail",
        "/api/messages": "Messages",
        "/api/conversations": "Conversations",
        f"/api/conversations/{PRACTICE}:{PATIENT}": "Thread",
        "/api/search?q=hello": "Hits",
        "/api/analytics": "Analytics",
        "/api/today": "Today",
        "/api/session": "Session",
    }
    async with visiting(direct) as client:
        for path, name in expected.items():
            answer = (await client.get(path, auth=credentials())).json()
            assert set(answer) == set(schemas[name]["properties"]), path
        problem = (await client.get("/api/calls?limit=0", auth=credentials())).json()
        assert set(problem) >= set(schemas["Problem"]["required"])
