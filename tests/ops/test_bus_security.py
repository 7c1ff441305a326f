"""NATS with certificates, nkeys, hashed passwords and neighbours; the services' own connection to it."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from nats.errors import Error as NatsError

from chassis.bus import Bus
from chassis.nats_access import NatsAccess
from contracts.topology import REPLIES, RESPONDER_TEXTS
from ops.bus.keys import make, public_keys
from ops.bus.provisioning import apply, connected
from support.events import text
from support.secured_nats import NatsNode, authority, certificate, cluster, decentralized, running
from support.waiting import eventually

BCRYPT = "$2b$11$egBBd9XIKgKmWp9Mi9HeH.9HTBOZF3yoiSWxWVe3vpMZ2cFdmU9ei"
"""Of `pw_of_the_gateway`, with cost 11."""


@asynccontextmanager
async def connected_bus(service: str, access: NatsAccess) -> AsyncIterator[Bus]:
    bus = Bus(service, access.nats_url.get_secret_value(), security=access.nats_security)
    await asyncio.wait_for(bus.connect(), 10)
    yield bus
    await bus.close()


def over_tls(server: NatsNode, user: str = "gateway") -> str:
    return server.url(user).replace("nats://", "tls://")


async def refused(access: NatsAccess) -> BaseException:
    """Why a connection with `access` cannot be made."""
    with pytest.raises((OSError, NatsError)) as why:
        async with connected(access.nats_url.get_secret_value(), security=access.nats_security):
            pass
    return why.value


@pytest.mark.parametrize("tls_first", [True, False])
async def test_a_service_publishes_over_tls(tmp_path: Path, tls_first: bool) -> None:
    ca, ca_file = authority(tmp_path)
    with running(tmp_path / "nats", tls=certificate(ca, tmp_path)) as server:
        operator = NatsAccess(nats_url=over_tls(server, "operator"), nats_ca=ca_file, nats_tls_first=tls_first)
        await apply(operator.nats_url.get_secret_value(), security=operator.nats_security)
        access = NatsAccess(nats_url=over_tls(server), nats_ca=ca_file, nats_tls_first=tls_first)
        async with connected_bus("gateway", access) as bus:
            await bus.publish(text())


async def test_a_server_that_cannot_prove_its_name_is_refused(tmp_path: Path) -> None:
    ca, ca_file = authority(tmp_path)
    (tmp_path / "other").mkdir()
    _, another = authority(tmp_path / "other")
    with running(tmp_path / "nats", tls=certificate(ca, tmp_path)) as server:
        assert isinstance(await refused(NatsAccess(nats_url=over_tls(server), nats_ca=another)), ssl.SSLError)
        assert isinstance(await refused(NatsAccess(nats_url=over_tls(server))), ssl.SSLError)
    with running(tmp_path / "named", tls=certificate(ca, tmp_path, "nats.example")) as server:
        assert isinstance(await refused(NatsAccess(nats_url=over_tls(server), nats_ca=ca_file)), ssl.SSLError)


async def test_nobody_in_between_talks_us_out_of_tls(tmp_path: Path) -> None:
    heard = bytearray()

    async def pretend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"INFO " + json.dumps({"tls_required": False, "max_payload": 1000}).encode() + b"\r\n")
        while chunk := await reader.read(4096):
            heard.extend(chunk)
        writer.close()

    _, ca_file = authority(tmp_path)
    async with await asyncio.start_server(pretend, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        await refused(NatsAccess(nats_url=f"tls://gateway:hunter2@127.0.0.1:{port}", nats_ca=ca_file))
    assert heard
    assert b"hunter2" not in heard


async def test_a_wrong_certificate_is_told_with_the_settings_and_waited_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.bus.CONNECT_SECONDS", 1.0)
    ca, ca_file = authority(tmp_path)
    (tmp_path / "other").mkdir()
    stranger, _ = authority(tmp_path / "other")
    server = NatsNode(tmp_path / "nats", tls=certificate(stranger, tmp_path / "other"))
    access = NatsAccess(nats_url=over_tls(server), nats_ca=ca_file)
    bus = Bus("gateway", access.nats_url.get_secret_value(), security=access.nats_security)
    said: list[str] = []

    def the_settings_are_named() -> bool:
        said.append(capsys.readouterr().out)
        return "NATS_CA" in "".join(said)

    server.start()
    connecting = asyncio.create_task(bus.connect())
    await eventually(the_settings_are_named)
    server.stop()
    with running(tmp_path / "nats", port=server.port, tls=certificate(ca, tmp_path)):
        await asyncio.wait_for(connecting, 20)
        assert await bus.problem() is None
        await bus.close()


async def test_a_service_proves_itself_with_an_nkey(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    made = make(folder)
    assert make(folder) == []
    assert all(file.stat().st_mode & 0o077 == 0 for file in made)
    (tmp_path / "strangers").mkdir()
    make(tmp_path / "strangers")
    with running(tmp_path / "nats", nkeys=public_keys(folder)) as server:
        assert not any(file.read_text() in (server.directory / "nats.conf").read_text() for file in made)
        operator = NatsAccess(nats_url=f"nats://{server.address}", nats_creds=folder / "operator.nk")
        await apply(operator.nats_url.get_secret_value(), security=operator.nats_security)
        access = NatsAccess(nats_url=f"nats://{server.address}", nats_creds=folder / "gateway.nk")
        async with connected_bus("gateway", access) as bus:
            await bus.publish(text())
        stranger = NatsAccess(nats_url=f"nats://{server.address}", nats_creds=tmp_path / "strangers/gateway.nk")
        assert "Authorization Violation" in str(await refused(stranger))


async def test_a_service_proves_itself_with_a_credentials_file(tmp_path: Path) -> None:
    with decentralized(tmp_path) as (url, creds):
        async with connected_bus("gateway", NatsAccess(nats_url=url, nats_creds=creds)) as bus:
            assert await bus.problem() is None
        assert "Authorization Violation" in str(await refused(NatsAccess(nats_url=url)))


async def test_passwords_may_come_hashed_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "passwords.conf").write_text(f'NATS_PASSWORD_GATEWAY: "{BCRYPT}"\n')
    with running(tmp_path / "nats", include="../passwords.conf") as server:
        access = NatsAccess(nats_url=f"nats://gateway:pw_of_the_gateway@{server.address}")
        async with connected_bus("gateway", access) as bus:
            assert await bus.problem() is None
        assert "Authorization Violation" in str(await refused(NatsAccess(nats_url=server.url("gateway"))))


async def test_rights_hold_across_the_nodes_of_a_cluster(tmp_path: Path) -> None:
    with cluster(tmp_path) as nodes:

        async def provisioned() -> bool:
            try:
                await apply(nodes[0].url(), replicas=3)
            except NatsError:
                return False  # the nodes have not chosen a leader yet
            return True

        await eventually(provisioned, within=60)
        async with connected_bus("gateway", NatsAccess(nats_url=nodes[1].url("gateway"))) as bus:
            await bus.publish(text(), deadline=10)
        async with connected_bus("responder", NatsAccess(nats_url=nodes[2].url("responder"))) as bus:
            subscription = await bus.js.pull_subscribe_bind(durable=RESPONDER_TEXTS.name, stream="EVENTS")
            [message] = await subscription.fetch(1, timeout=10)
            await message.ack_sync(timeout=10)
            assert message.data == text().to_json()
            kv = await bus.bucket(REPLIES)
            await kv.create("a.key", b"claimed")
            assert (await kv.get("a.key")).value == b"claimed"
