"""A small real HTTP server that plays an OpenAI-compatible chat API."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


@dataclass
class ChatModel:
    """What it was asked (`questions`, with the headers of each), and what it will answer."""

    url: str = ""
    status: int = 200
    body: bytes = b""
    held_back: asyncio.Event | None = None
    questions: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def says(self, content: str) -> None:
        """From now on, answer with `content`."""
        self.body = json.dumps({"choices": [{"message": {"role": "assistant", "content": content}}]}).encode()

    async def answer(self, request: Request) -> Response:
        """One completion."""
        self.questions.append(await request.json())
        self.headers.append(dict(request.headers))
        if self.held_back is not None:
            await self.held_back.wait()
        return Response(self.body, self.status, media_type="application/json")


@asynccontextmanager
async def chat_model() -> AsyncIterator[ChatModel]:
    """The server, on a free port of 127.0.0.1, while the block runs."""
    model = ChatModel()
    app = Starlette(routes=[Route("/v1/chat/completions", model.answer, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        model.url = f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield model
        finally:
            server.should_exit = True
            await serving
