"""The second opinion of a configured language model, over real HTTP."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from contracts.values import Category
from responder.practice.loading import example
from responder.understanding import classify
from responder.understanding.remote import Remote, is_unclear, understand
from support.chat_model import ChatModel, chat_model

PRACTICE = example()
UNCLEAR = "blue umbrella seven of nine"
CLEAR = "What time do you close today?"
EMERGENCY = "my tooth is killing me, my face is swollen and it is bleeding"


@pytest.fixture
async def model() -> AsyncIterator[ChatModel]:
    async with chat_model() as serving:
        yield serving


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as client:
        yield client


def remote(http: httpx.AsyncClient, model: ChatModel, *, key: str | None = "secret", limit: float = 4.0) -> Remote:
    """A model that is asked about whatever is not certain."""
    return Remote(http, model.url, "small-model", key, limit, ask_below=0.9999)


async def test_an_unclear_text_is_what_the_model_says(http: httpx.AsyncClient, model: ChatModel) -> None:
    model.says('{"category": "location"}')
    understood = await understand(UNCLEAR, PRACTICE, remote(http, model))
    assert (understood.category, understood.by, understood.needs_staff) == (
        Category.LOCATION,
        "llm:small-model",
        False,
    )
    (asked,) = model.questions
    assert asked["messages"][-1] == {"role": "user", "content": UNCLEAR}
    assert set(asked["response_format"]["json_schema"]["schema"]["properties"]["category"]["enum"]) == set(Category)
    assert model.headers[0]["authorization"] == "Bearer secret"


async def test_no_key_is_sent_where_none_is_needed(http: httpx.AsyncClient, model: ChatModel) -> None:
    model.says('{"category": "none"}')
    await understand(UNCLEAR, PRACTICE, remote(http, model, key=None))
    assert "authorization" not in model.headers[0]


@pytest.mark.parametrize("text", ["STOP", "help", EMERGENCY, "please stop texting me"])
async def test_what_is_clear_never_leaves_the_machine(http: httpx.AsyncClient, model: ChatModel, text: str) -> None:
    model.says('{"category": "none"}')
    assert await understand(text, PRACTICE, remote(http, model)) == classify(text, PRACTICE)
    assert model.questions == []


async def test_without_a_model_nothing_leaves_the_machine() -> None:
    assert await understand(UNCLEAR, PRACTICE) == classify(UNCLEAR, PRACTICE)


async def test_it_can_raise_a_text_to_an_emergency(http: httpx.AsyncClient, model: ChatModel) -> None:
    model.says('{"category": "emergency"}')
    assert (await understand(UNCLEAR, PRACTICE, remote(http, model))).category is Category.EMERGENCY


async def test_it_cannot_opt_anybody_in(http: httpx.AsyncClient, model: ChatModel) -> None:
    model.says('{"category": "opt_in"}')
    assert await understand(UNCLEAR, PRACTICE, remote(http, model)) == classify(UNCLEAR, PRACTICE)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"oops"),
        (401, b"{}"),
        (200, b""),
        (200, b"<html>"),
        (200, b"\xff\xfe"),
        (200, b'{"choices": []}'),
        (200, b'{"choices": [{"message": {"content": null}}]}'),
        (200, b'{"choices": [{"message": {"content": "location"}}]}'),
        (200, b'{"choices": [{"message": {"content": "{\\"category\\": \\"dentistry\\"}"}}]}'),
    ],
)
async def test_nonsense_leaves_the_answer_of_this_machine(
    http: httpx.AsyncClient, model: ChatModel, status: int, body: bytes
) -> None:
    model.status, model.body = status, body
    assert await understand(UNCLEAR, PRACTICE, remote(http, model)) == classify(UNCLEAR, PRACTICE)
    assert len(model.questions) == 1


async def test_a_slow_model_leaves_the_answer_of_this_machine(http: httpx.AsyncClient, model: ChatModel) -> None:
    model.says('{"category": "location"}')
    model.held_back = asyncio.Event()
    try:
        understood = await understand(UNCLEAR, PRACTICE, remote(http, model, limit=0.2))
    finally:
        model.held_back.set()
    assert understood == classify(UNCLEAR, PRACTICE)


async def test_a_model_that_is_away_leaves_the_answer_of_this_machine(http: httpx.AsyncClient) -> None:
    away = Remote(http, "http://127.0.0.1:1/v1", "small-model", ask_below=0.9999)
    assert await understand(UNCLEAR, PRACTICE, away) == classify(UNCLEAR, PRACTICE)


async def test_what_says_nothing_is_not_asked_about() -> None:
    assert not is_unclear(classify("asdf", PRACTICE), 1.0)


async def test_an_emergency_is_never_unclear() -> None:
    assert not is_unclear(classify(EMERGENCY, PRACTICE), 1.0)
