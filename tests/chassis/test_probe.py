"""What a container's health check says of a service."""

import http.server
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from ops.embedded.children import free_port


class Answers(http.server.BaseHTTPRequestHandler):
    """Ready or not, by the path."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/readyz" else 503)
        self.end_headers()
        self.wfile.write(b"what is wrong")


@pytest.fixture
def port() -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def probe(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "chassis.probe", *arguments], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout


def test_ready_is_healthy(port: int) -> None:
    assert probe(str(port))[0] == 0


def test_not_ready_is_not_and_says_why(port: int) -> None:
    assert probe(str(port), "/else") == (1, "what is wrong\n")


def test_nobody_there_is_not_healthy() -> None:
    code, said = probe(str(free_port()))
    assert code == 1
    assert "ConnectionRefusedError" in said
