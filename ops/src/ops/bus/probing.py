"""Ask a real server what each of its users may do, by trying."""

import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import nats

from ops.bus.operations import Operation, operations
from ops.bus.permissions import OPERATOR, SERVICES
from ops.bus.provisioning import apply
from ops.embedded.nats import EmbeddedNats

Rights = Mapping[str, frozenset[Operation]]
"""What each user may do."""

_NO_REQUEST = b"-"
"""Neither empty nor JSON: JetStream's API refuses it whatever was asked, so that trying changes nothing."""


async def probe(url: str, user: str, tried: Iterable[Operation]) -> frozenset[Operation]:
    """Which of `tried` the server lets `user`, whose address `url` is, do. For a server that holds nothing of worth."""
    violations: set[str] = set()

    async def report(error: Exception) -> None:
        violations.add(str(error))

    client = await nats.connect(url, inbox_prefix=f"_INBOX_{user}", error_cb=report, allow_reconnect=False)
    tried = tuple(tried)
    for operation in tried:
        if operation.listens:
            await client.subscribe(operation.subject)
        else:
            await client.publish(operation.subject, _NO_REQUEST)
    await client.flush()  # its PING may overtake what is still in the client's buffer
    await client.flush()  # a server reports all violations before it answers this one
    await client.close()
    return frozenset(operation for operation in tried if _violation(operation) not in violations)


def _violation(operation: Operation) -> str:
    """What the client makes of the server's words; it writes them all in small letters."""
    deed = "subscription" if operation.listens else "publish"
    return f'nats: permissions violation for {deed} to "{operation.subject.lower()}"'


async def probe_everybody() -> Rights:
    """What a server with our configuration lets each user do, tried on one started for it."""
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedNats(Path(folder)).start()
        try:
            await apply(server.url())
            return {user: await probe(server.url(user), user, operations()) for user in (*SERVICES, OPERATOR)}
        finally:
            server.stop()
