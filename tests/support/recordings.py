"""A double of the providers that store recordings, and recordings whose words are known."""

import io
import json
import re
import threading
import wave
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

RECORDINGS = Path(__file__).parent.parent / "recordings"
SPOKEN: dict[str, Any] = json.loads((RECORDINGS / "spoken.json").read_text())


@dataclass(frozen=True)
class Answer:
    """What the double says."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "audio/x-wav"})


@dataclass(frozen=True)
class Asked:
    """A request the double has seen; headers by lower-case name."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


class Store:
    """An HTTP server that answers by path what a test laid down: the answers in turn, the last one for ever."""

    def __init__(self) -> None:
        self._answers: dict[str, list[Callable[[Asked], Answer]]] = {}
        self._asked: list[Asked] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def lay(self, path: str, *answers: Answer | Callable[[Asked], Answer]) -> None:
        """Answer requests for `path` with these."""
        self._answers[path] = [_always(a) if isinstance(a, Answer) else a for a in answers]

    def asked(self, path: str) -> list[Asked]:
        """The requests for `path` so far."""
        return [request for request in self._asked if request.path == path]

    @property
    def untouched(self) -> bool:
        """Whether nobody ever asked for anything."""
        return not self._asked

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def _reply(self, asked: Asked) -> Answer:
        self._asked.append(asked)
        answers = self._answers.get(asked.path, [_always(Answer(404, b'{"code": 20404}'))])
        return (answers.pop(0) if len(answers) > 1 else answers[0])(asked)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        store = self

        class Handler(BaseHTTPRequestHandler):
            def __getattr__(self, name: str) -> Callable[[], None]:
                if name.startswith("do_"):
                    return self._any_method
                raise AttributeError(name)

            def _any_method(self) -> None:
                path, _, query = self.path.partition("?")
                length = int(self.headers.get("Content-Length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                answer = store._reply(Asked(self.command, path, query, headers, self.rfile.read(length)))
                self.send_response(answer.status)
                for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, *_: Any) -> None:
                return

        return Handler


def _always(answer: Answer) -> Callable[[Asked], Answer]:
    return lambda _: answer


# --- recordings -----------------------------------------------------------------------------------------------------


def audio(name: str) -> bytes:
    """A recording of tests/recordings."""
    return (RECORDINGS / name).read_bytes()


def silence(seconds: float = 3.0) -> bytes:
    """A WAV file of digital silence, 8 kHz, 16 bit, mono."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(bytes(int(seconds * 8000) * 2))
    return file.getvalue()


_DIGITS = {
    word: str(digit)
    for words in (
        "zero one two three four five six seven eight nine",
        "cero uno dos tres cuatro cinco seis siete ocho nueve",
    )
    for digit, word in enumerate(words.split())
}


def words(text: str) -> list[str]:
    """What is heard, however it is spelled: lower case, no punctuation, every digit by itself."""
    return [_DIGITS.get(word, word) for word in re.findall(r"[^\W\d_]+|\d", text.lower())]


def word_error_rate(heard: str, spoken: str) -> float:
    """Share of the spoken words that were missed, mistaken or invented."""
    hypothesis, reference = words(heard), words(spoken)
    costs = list(range(len(hypothesis) + 1))
    for i, said in enumerate(reference, 1):
        diagonal, costs[0] = costs[0], i
        for j, got in enumerate(hypothesis, 1):
            diagonal, costs[j] = costs[j], min(costs[j] + 1, costs[j - 1] + 1, diagonal + (said != got))
    return costs[-1] / len(reference)
