"""The nats-server configuration: the same for one machine, containers, tests and a cluster.

Permissions alone do not keep a service to its subjects. They say where it may publish, not where it may have an answer
sent: the reply subject of a request is not checked, so in an account shared with the streams a service could have the
server itself write to any stream, or delete one. So every service lives in an account of its own, whose walls replies
do not pass, and imports from the account with the streams exactly the subjects its user may publish to.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ops.bus.permissions import OPERATOR, User, users

STREAMS_ACCOUNT = "FRONTDESK"
"""The account that holds the streams, and the operator."""

_ACCOUNT_INFO = "$JS.API.INFO"
"""An account that imports this is not given imports of its own to JetStream's API, which would answer beside ours."""


@dataclass(frozen=True)
class Tls:
    """Files in PEM format, as paths where the server runs."""

    certificate: str
    key: str


@dataclass(frozen=True)
class Cluster:
    """Where the other nodes of a cluster connect.

    Two more variables go with it: NATS_PASSWORD_CLUSTER, and NATS_ROUTES with the addresses of all nodes, as in
    `["nats-route://cluster:PASSWORD@nats-1:6222", …]`, because a server does not put a variable into an address.
    """

    listen: str
    name: str = "frontdesk"


@dataclass(frozen=True)
class Node:
    """What one server needs to know; everything else is the same for every server."""

    listen: str
    store_dir: str
    monitor: str | None = None
    """host:port of health and metrics over HTTP; they tell subjects and client addresses to whoever reaches them."""
    name: str = "frontdesk"
    sync_interval: str = "always"
    """`always` makes a PubAck mean that the event is on the disk; with anything else a power cut may lose events."""
    tls: Tls | None = None
    cluster: Cluster | None = None
    include: str | None = None
    """A file, relative to the configuration's folder, that sets the passwords: lines `NATS_PASSWORD_GATEWAY: "…"`."""
    nkeys: Mapping[str, str] | None = None
    """Public key of each user by name, instead of passwords."""


def config(node: Node) -> str:
    """A complete nats-server configuration. It holds no secret.

    Passwords, in clear or as bcrypt hashes, come from the environment of the server (NATS_PASSWORD_GATEWAY, …) or from
    the file it includes. Raises `KeyError` when `nkeys` lacks a user.
    """
    return "\n".join([*_server(node), *_accounts(node), ""])


def _server(node: Node) -> Iterator[str]:
    yield "# Written by frontdesk; changes here are lost."
    if node.include:
        yield f'include "{node.include}"'
    yield f"server_name: {node.name}"
    yield f'listen: "{node.listen}"'
    if node.monitor:
        yield f'http: "{node.monitor}"'
    yield "max_payload: 1MB"
    yield (
        f'jetstream {{ store_dir: "{node.store_dir}", max_file: 16GB, max_mem: 64MB, '
        f"sync_interval: {node.sync_interval} }}"
    )
    if node.tls:
        yield f'tls {{ cert_file: "{node.tls.certificate}", key_file: "{node.tls.key}", handshake_first: auto }}'
    if node.cluster:
        yield from _cluster(node.cluster)


def _cluster(cluster: Cluster) -> Iterator[str]:
    yield "cluster {"
    yield f"  name: {cluster.name}"
    yield f'  listen: "{cluster.listen}"'
    yield "  authorization { user: cluster, password: $NATS_PASSWORD_CLUSTER }"
    yield "  routes: $NATS_ROUTES"
    yield "  no_advertise: true  # clients would try the addresses they are told of without their user"
    yield "}"


def _accounts(node: Node) -> Iterator[str]:
    services = [user for user in users() if user.name != OPERATOR]
    yield "accounts {"
    for user in users():
        yield f"  {_account(user)} {{"
        yield f"    users: [{{ {_identity(user, node)},"
        yield f"      permissions: {_permissions(user)} }}]"
        if user.name == OPERATOR:
            yield "    jetstream: enabled"
        yield from _block("exports", _exports(user, services))
        yield from _block("imports", _imports(user, services))
        yield "  }"
    yield "}"


def _account(user: User) -> str:
    return STREAMS_ACCOUNT if user.name == OPERATOR else user.name.upper()


def _identity(user: User, node: Node) -> str:
    if node.nkeys is not None:
        return f"nkey: {node.nkeys[user.name]}"
    return f"user: {user.name}, password: ${user.password_variable}"


def _permissions(user: User) -> str:
    answers = ", allow_responses: true" if user.answers else ""
    return (
        f"{{ publish: {{ allow: [{_quoted(user.publish)}] }}, "
        f"subscribe: {{ allow: [{_quoted(user.subscribe)}] }}{answers} }}"
    )


def _exports(user: User, services: Iterable[User]) -> Iterator[str]:
    """What others may ask in this user's account: each subject to exactly those who may publish to it."""
    others = [other for other in services if other != user]
    if user.name == OPERATOR:
        answered = {subject for other in others for subject in other.answers}
        yield f'{{ service: "{_ACCOUNT_INFO}", accounts: [{", ".join(map(_account, others))}] }}'
        for other in others:
            for subject in other.publish:
                if subject not in answered:
                    yield f'{{ service: "{subject}", accounts: [{_account(other)}]{_answered_by_many(subject)} }}'
    for subject in user.answers:
        asking = [_account(other) for other in others if subject in other.publish]
        if asking:  # an empty list would mean everybody
            yield f'{{ service: "{subject}", accounts: [{", ".join(asking)}] }}'


def _imports(user: User, services: Iterable[User]) -> Iterator[str]:
    if user.name == OPERATOR:
        return
    answering = {subject: _account(other) for other in services for subject in other.answers}
    for subject in (_ACCOUNT_INFO, *user.publish):
        account = answering.get(subject, STREAMS_ACCOUNT)
        yield f'{{ service: {{ account: {account}, subject: "{subject}" }} }}'


def _answered_by_many(subject: str) -> str:
    """One request for a batch of messages is answered by as many messages."""
    return ", response_type: stream" if ".CONSUMER.MSG.NEXT." in subject else ""


def _block(name: str, entries: Iterator[str]) -> Iterator[str]:
    lines = list(entries)
    if lines:
        yield f"    {name}: ["
        yield from (f"      {line}" for line in lines)
        yield "    ]"


def _quoted(subjects: Iterable[str]) -> str:
    return ", ".join(f'"{subject}"' for subject in subjects)
