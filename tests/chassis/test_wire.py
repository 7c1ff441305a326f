"""What goes past the NATS client is what the client would have sent and read. Another version of it may break this."""

import asyncio
import itertools
import signal
from types import SimpleNamespace

import nats.errors
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.js.api import StreamConfig
from nats.protocol.parser import Parser

from chassis import wire
from ops.embedded.nats import EmbeddedNats
from support.backends import NatsServer
from support.waiting import eventually

INBOX = "_INBOX_x.(y)."
VALUES = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), min_size=1, max_size=9)
HEADERS = st.dictionaries(st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,9}", fullmatch=True), VALUES, min_size=1, max_size=4)


@pytest.fixture
async def outgoing(client: Client) -> wire.Outgoing:
    return wire.Outgoing(client)


@pytest.fixture
async def heard(client: Client) -> Subscription:
    return await client.subscribe("said.>")


async def test_a_server_understands_the_same_as_from_the_client(
    client: Client, outgoing: wire.Outgoing, heard: Subscription
) -> None:
    async def understood(headers: dict[str, str], body: bytes) -> list[tuple[object, ...]]:
        await client.publish("said.x", body, reply="_INBOX.a.1", headers=headers)
        await outgoing.publish("said.x", "_INBOX.a.1", headers, body)
        messages = [await heard.next_msg(timeout=10) for _ in range(2)]
        return [(each.subject, each.reply, each.headers, each.data) for each in messages]

    loop = asyncio.get_running_loop()

    @settings(deadline=None)
    @given(HEADERS, st.binary(max_size=99))
    def compare(headers: dict[str, str], body: bytes) -> None:
        by_client, by_wire = asyncio.run_coroutine_threadsafe(understood(headers, body), loop).result(20)
        assert by_client == by_wire

    await asyncio.to_thread(compare)


async def test_nothing_can_be_smuggled_into_a_line(outgoing: wire.Outgoing, heard: Subscription) -> None:
    await outgoing.publish("said.x", "_INBOX.a.1", {"a": "1\r\nb: 2", "c": "\n3", "d": "\r"}, b"x")
    message = await heard.next_msg(timeout=10)
    assert message.headers == {"a": "1  b: 2", "c": "3", "d": ""}
    for subject in ("said.x y", "said.x\r\nPUB said.y 0\r\n", ""):
        with pytest.raises(nats.errors.BadSubjectError):
            await outgoing.publish(subject, "_INBOX.a.1", {"a": "1"}, b"x")


async def test_what_the_client_refuses_is_refused(
    nats_server: NatsServer, client: Client, outgoing: wire.Outgoing
) -> None:
    assert isinstance(nats_server, EmbeddedNats)
    with pytest.raises(nats.errors.MaxPayloadError):
        await outgoing.publish("said.x", "_INBOX.a.1", {"a": "1"}, bytes(client.max_payload + 1))
    nats_server.stop()
    await eventually(lambda: not client.is_connected)
    with pytest.raises(nats.errors.OutboundBufferLimitError):
        await outgoing.publish("said.x", "_INBOX.a.1", {"a": "1"}, b"x")
    await client.close()
    with pytest.raises(nats.errors.ConnectionClosedError):
        await outgoing.publish("said.x", "_INBOX.a.1", {"a": "1"}, b"x")


async def test_who_drains_takes_no_more(nats_server: NatsServer, client: Client, outgoing: wire.Outgoing) -> None:
    assert isinstance(nats_server, EmbeddedNats)
    assert nats_server.process is not None
    nats_server.process.send_signal(signal.SIGSTOP)
    try:
        draining = asyncio.create_task(client.drain())
        await eventually(lambda: client.is_draining_pubs)
        with pytest.raises(nats.errors.ConnectionDrainingError):
            await outgoing.publish("said.x", "_INBOX.a.1", {"a": "1"}, b"x")
    finally:
        nats_server.process.send_signal(signal.SIGCONT)
    await draining


async def test_pubacks_are_read_first_and_all_else_by_the_client(
    nats_server: NatsServer, client: Client, outgoing: wire.Outgoing
) -> None:
    assert isinstance(nats_server, EmbeddedNats)
    await client.jetstream().add_stream(StreamConfig(name="S", subjects=["s.>"], max_msg_size=100))
    inbox, first, others = f"{client.new_inbox()}.", set[bytes](), dict[str, Msg]()

    async def answered(message: Msg) -> None:
        others[message.subject.removeprefix(inbox)] = message

    await client.subscribe(f"{inbox}*", cb=answered)
    wire.read_first(client, wire.PubAckReader(inbox, first.add))
    for round_of in range(2):
        first.clear()
        others.clear()
        for number in range(50):
            await outgoing.publish("s.x", f"{inbox}{number}", {"a": "b"}, b"x")
        await outgoing.publish("s.x", f"{inbox}50", {"a": "b"}, bytes(101))
        await outgoing.publish("nobody.listens", f"{inbox}51", {"a": "b"}, b"x")
        await eventually(lambda: len(first) + len(others) == 52)
        assert len(first) > 25  # a line that a read ends in is the client's
        assert b'"error"' in others.pop("50").data
        assert (others.pop("51").headers or {})["Status"] == "503"
        if round_of == 0:
            nats_server.stop()
            await eventually(lambda: not client.is_connected)
            nats_server.start()
            await eventually(lambda: client.is_connected)


def puback(number: int, answer: bytes = b'{"stream":"S", "seq":7}') -> bytes:
    return b"MSG %b%d 3 %d\r\n%b\r\n" % (INBOX.encode(), number, len(answer), answer)


def message(payload: bytes) -> bytes:
    return b"MSG other 4 %d\r\n%b\r\n" % (len(payload), payload)


ALL_USUAL = [puback(number) for number in range(100)]
USUAL = st.sampled_from(ALL_USUAL)
UNUSUAL = st.one_of(
    st.binary(max_size=30).map(message),
    st.lists(USUAL, max_size=3).map(lambda inside: message(b"".join(inside))),
    st.sampled_from((b"PING\r\n", b"PONG\r\n", b"+OK\r\n")),
    st.sampled_from(
        (b'{"error":{"code":503}}', b'{"stream":"S","error":{}}', b"", b"{}", b'{"stream":"S"}\r\nMSG')
    ).map(lambda answer: puback(5, answer)),
)


@given(st.lists(USUAL | UNUSUAL, max_size=12), st.data())
def test_nothing_is_lost_or_invented_wherever_reads_end(lines: list[bytes], data: st.DataObject) -> None:
    sent = b"".join(lines)
    cuts = data.draw(st.lists(st.integers(0, len(sent)), max_size=6).map(sorted))
    taken, seen = list[bytes](), list[bytes]()

    async def pinged() -> None:
        seen.append(b"PING\r\n")

    async def ponged() -> None:
        seen.append(b"PONG\r\n")

    async def came(sid: int, subject: bytes, reply: bytes, payload: bytes, headers: bytes | None) -> None:
        seen.append(b"MSG %b %d %d\r\n%b\r\n" % (subject, sid, len(payload), payload))

    parser = Parser(SimpleNamespace(_process_ping=pinged, _process_pong=ponged, _process_msg=came))
    wire.read_first(SimpleNamespace(_ps=parser), wire.PubAckReader(INBOX, taken.append))  # type: ignore[arg-type]

    async def read() -> None:
        for start, end in itertools.pairwise([0, *cuts, len(sent)]):
            await parser.parse(sent[start:end])

    asyncio.run(read())
    first = [puback(int(number)) for number in taken]
    assert sorted(first + seen) == sorted(line for line in lines if line != b"+OK\r\n")
    assert cuts or first == list(itertools.takewhile(ALL_USUAL.__contains__, lines))
