"""Where tests get NATS and Postgres from."""

import contextlib
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from ops.bus.configuration import Node, config
from ops.bus.permissions import OPERATOR, users


class NatsServer(Protocol):
    """What tests need of a NATS server."""

    port: int

    def url(self, user: str = ...) -> str:
        """Address with the credentials of a service, or of the operator."""
        ...

    def stop(self) -> None:
        """Stop it."""
        ...


class DockerNats:
    """NATS in a container, with the same configuration and users as the embedded one."""

    def __init__(self, directory: Path) -> None:
        from testcontainers.core.container import DockerContainer
        from testcontainers.core.wait_strategies import HttpWaitStrategy

        self._passwords = {user.name: f"pw_{secrets.token_hex(8)}" for user in users()}
        file = directory / "nats.conf"
        file.write_text(config(Node("0.0.0.0:4222", store_dir="/tmp/store", monitor="0.0.0.0:8222")))
        container = DockerContainer("nats:2-alpine", command="-c /etc/frontdesk/nats.conf")
        for user in users():
            container.with_env(user.password_variable, self._passwords[user.name])
        container.with_volume_mapping(str(file), "/etc/frontdesk/nats.conf").with_exposed_ports(4222, 8222)
        container.waiting_for(HttpWaitStrategy(8222, "/healthz").for_status_code(200))
        self._container: Any = container.start()
        self._host = container.get_container_host_ip()
        self.port = int(container.get_exposed_port(4222))

    def url(self, user: str = OPERATOR) -> str:
        """Address with the credentials of `user`."""
        return f"nats://{user}:{self._passwords[user]}@{self._host}:{self.port}"

    def stop(self) -> None:
        """Remove the container, if it is still there."""
        if self._container is not None:
            self._container.stop()
            self._container = None


@contextlib.contextmanager
def docker_postgres() -> Iterator[str]:
    """Postgres in a container: the address of its superuser's database."""
    from testcontainers.community.postgres import PostgresContainer

    with PostgresContainer("postgres:16", driver=None) as container:
        yield container.get_connection_url(driver=None)
