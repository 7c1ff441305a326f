"""NATS servers with certificates, keys and neighbours, configured like everybody's."""

import base64
import json
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import nkeys
import trustme

from ops.bus.configuration import Cluster, Node, Tls
from ops.embedded.children import free_port
from ops.embedded.nats import EmbeddedNats


class NatsNode(EmbeddedNats):
    """A server whose configuration differs from the usual in `differences`."""

    def __init__(self, directory: Path, *, port: int | None = None, **differences: Any) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        super().__init__(directory, port=port)
        self._differences = differences

    def node(self) -> Node:
        return replace(super().node(), **self._differences)

    @property
    def address(self) -> str:
        """host:port, without credentials."""
        return f"127.0.0.1:{self.port}"


@contextmanager
def running(directory: Path, *, port: int | None = None, **differences: Any) -> Iterator[NatsNode]:
    server = NatsNode(directory, port=port, **differences)
    try:
        yield server.start()
    finally:
        server.stop()


@contextmanager
def cluster(directory: Path, size: int = 3) -> Iterator[list[NatsNode]]:
    """Servers that know of each other and share passwords."""
    ports = [free_port() for _ in range(size)]
    routes = [f"nats-route://cluster:between_the_nodes@127.0.0.1:{port}" for port in ports]
    (directory / "passwords.conf").write_text(
        f'NATS_PASSWORD_CLUSTER: "between_the_nodes"\nNATS_ROUTES: {json.dumps(routes)}\n'
    )
    nodes = [
        NatsNode(directory / f"n{n}", name=f"n{n}", include="../passwords.conf", cluster=Cluster(f"127.0.0.1:{port}"))
        for n, port in enumerate(ports)
    ]
    with ExitStack() as stack:
        for node in nodes:
            (node.directory / "passwords.json").write_text((nodes[0].directory / "passwords.json").read_text())
        for node in nodes:
            stack.callback(node.stop)
            node.spawn()
        for node in nodes:
            node.wait_ready()
        yield nodes


def authority(directory: Path) -> tuple[trustme.CA, Path]:
    """A certificate authority of its own, and its certificate's file."""
    ca = trustme.CA()
    file = directory / "ca.pem"
    ca.cert_pem.write_to_path(file)
    return ca, file


def certificate(ca: trustme.CA, directory: Path, name: str = "127.0.0.1") -> Tls:
    """What a server called `name` shows."""
    issued = ca.issue_cert(name)
    issued.private_key_pem.write_to_path(directory / "key.pem")
    issued.cert_chain_pems[0].write_to_path(directory / "cert.pem")
    return Tls(str(directory / "cert.pem"), str(directory / "key.pem"))


@contextmanager
def decentralized(directory: Path) -> Iterator[tuple[str, Path]]:
    """A server that knows its operator only; gives its address and a user's credentials file."""
    operator, account, user = (
        nkeys.from_seed(bytearray(nkeys.encode_seed(os.urandom(32), prefix)))
        for prefix in (nkeys.PREFIX_BYTE_OPERATOR, nkeys.PREFIX_BYTE_ACCOUNT, nkeys.PREFIX_BYTE_USER)
    )
    limits = dict.fromkeys(("subs", "conn", "leaf", "imports", "exports", "data", "payload"), -1)
    accounts = {account.public_key.decode(): _jwt(operator, account, "account", limits=limits)}
    trust = {"operator": _jwt(operator, operator, "operator"), "resolver": "MEMORY", "resolver_preload": accounts}
    server = _Decentralized(directory, trust)
    try:
        server.start()
        creds = directory / "user.creds"
        creds.write_text(
            f"-----BEGIN NATS USER JWT-----\n{_jwt(account, user, 'user', subs=-1, data=-1, payload=-1)}\n"
            "------END NATS USER JWT------\n\n"
            f"-----BEGIN USER NKEY SEED-----\n{bytes(user.seed).decode()}\n------END USER NKEY SEED------\n"
        )
        yield f"nats://127.0.0.1:{server.port}", creds
    finally:
        server.stop()


class _Decentralized(EmbeddedNats):
    """A server without users of its own."""

    def __init__(self, directory: Path, trust: dict[str, Any]) -> None:
        super().__init__(directory)
        self._trust = trust

    def configuration(self) -> str:
        node = self.node()
        return json.dumps({"listen": node.listen, "http": node.monitor, **self._trust})  # JSON is valid here


def _jwt(signer: Any, subject: Any, kind: str, **claims: Any) -> str:
    """A NATS JWT, version 2 (NATS docs: "Decentralized JWT Authentication/Authorization")."""
    body = {
        "jti": kind,
        "iat": int(time.time()),
        "iss": signer.public_key.decode(),
        "name": kind,
        "sub": subject.public_key.decode(),
        "nats": {"type": kind, "version": 2, **claims},
    }
    head = {"typ": "JWT", "alg": "ed25519-nkey"}
    signed = ".".join(_encoded(json.dumps(part).encode()) for part in (head, body))
    return f"{signed}.{_encoded(signer.sign(signed.encode()))}"


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
