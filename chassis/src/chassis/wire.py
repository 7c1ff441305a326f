"""NATS's protocol, as far as every event needs it: the command that publishes it, and the answer that confirms it.

The client does both as well, ready for all there is in the protocol, at a multiple of the processor time. So the
usual goes past it, over the same connection: it is written to the client's transport, and read before the client reads;
what the client itself writes may come a moment later. Whatever is unusual in any way is left to it, and so are
connecting, subscribing, pings, errors, TLS and credentials. No other file touches what the client keeps to itself, and
`tests/chassis/test_wire.py` fails when another version of the client keeps something else.
"""

import asyncio
import contextlib
import re
from collections.abc import Callable

from nats.aio.client import Client
from nats.protocol.parser import AWAITING_CONTROL_LINE

TOGETHER = 32
"""Messages in one write."""


def hpub(subject: str, reply: str, headers: dict[str, str], body: bytes) -> bytes | None:
    """The command that publishes a message; None when the client has to look at it: something might break a line.

    The names of headers are words of our own.
    """
    words = "".join(headers.values())
    if not (words.isascii() and words.isprintable()) or subject.split() != [subject]:
        return None
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    head = f"NATS/1.0\r\n{lines}\r\n".encode()
    return f"HPUB {subject} {reply} {len(head)} {len(head) + len(body)}\r\n".encode() + head + body + b"\r\n"


class Outgoing:
    """Messages that are published on one connection, a few together."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._commands: list[bytes] = []
        self._due = False
        self._soon = asyncio.get_running_loop().call_soon

    async def publish(self, subject: str, reply: str, headers: dict[str, str], body: bytes) -> None:
        """Do what `client.publish` does. `reply` is one of the client's inboxes."""
        if not self.begin(subject, reply, headers, body):
            await self._client.publish(subject, body, reply=reply, headers=headers)

    def begin(self, subject: str, reply: str, headers: dict[str, str], body: bytes) -> bool:
        """Have a usual message sent. False when the client has to look at this one, or cannot send now.

        What is published in one turn of the event loop is written together at its end; but never more than `TOGETHER`,
        so that the server has work while we make the rest.
        """
        client = self._client
        usual = client.is_connected and not client.is_draining and len(body) <= client.max_payload
        command = hpub(subject, reply, headers, body) if usual else None
        if command is None:
            return False
        self._commands.append(command)
        if len(self._commands) >= TOGETHER:
            self._write()
        elif not self._due:
            self._due = True
            self._soon(self._end_of_turn)
        return True

    def _end_of_turn(self) -> None:
        self._due = False
        self._write()

    def _write(self) -> None:
        commands, self._commands = self._commands, []
        if commands and self._client._transport is not None:
            # raised when the connection was lost this moment, and the client does not know yet: no answer will come
            with contextlib.suppress(RuntimeError):
                self._client._transport.writelines(commands)


class PubAckReader:
    """Takes PubAcks off the front of what a server sends."""

    def __init__(self, inbox: str, stored: Callable[[bytes], None]) -> None:
        """`stored` is called with what follows `inbox` in the subject of each."""
        self._stored = stored
        self._usual = re.compile(
            rb'MSG %b([0-9]+) [0-9]+ ([0-9]+)\r\n(\{"stream":[^\r\n]*\})\r\n' % re.escape(inbox.encode())
        ).match

    def rest(self, data: bytes) -> bytes:
        """`data` from the first line on that is anything else."""
        end = 0
        while found := self._usual(data, end):
            number, size, answer = found.groups()
            if int(size) != len(answer) or b'"error"' in answer:
                break
            self._stored(number)
            end = found.end()
        return data[end:]


def read_first(client: Client, reader: PubAckReader) -> None:
    """Let `reader` see what `client` reads before its own parser, from the next read on, after reconnecting as well."""
    parser = client._ps
    parse = parser.parse

    async def read(data: bytes = b"") -> None:
        if parser.state == AWAITING_CONTROL_LINE and not parser.buf:  # else `data` begins inside of something
            data = reader.rest(data)
        if data:
            await parse(data)

    parser.parse = read  # type: ignore[method-assign]
