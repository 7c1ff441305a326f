"""Where tests get NATS and Postgres from."""

import contextlib
from collections.abc import Iterator
from typing import Protocol, Self


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
    """NATS in a container, without users: every service may do everything."""

    def __enter__(self) -> Self:
        from testcontainers.community.nats import NatsContainer

        self._container = NatsContainer("nats:2-alpine", jetstream=True).start()
        self._url: str = self._container.nats_uri()
        self.port = int(self._url.rpartition(":")[2])
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def url(self, user: str = "operator") -> str:
        """The same address for everybody."""
        return self._url

    def stop(self) -> None:
        """Remove the container."""
        self._container.stop()


@contextlib.contextmanager
def docker_postgres() -> Iterator[str]:
    """Postgres in a container: the address of its superuser's database."""
    from testcontainers.community.postgres import PostgresContainer

    with PostgresContainer("postgres:16", driver=None) as container:
        yield container.get_connection_url(driver=None)
