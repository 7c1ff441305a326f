"""Three NATS servers on loopback that are one: what one of them stores, two of them have."""

import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ops.bus.configuration import Cluster, Node
from ops.embedded.children import free_port
from ops.embedded.nats import EmbeddedNats

NODES = ("nats-1", "nats-2", "nats-3")


class ClusterNode(EmbeddedNats):
    """One of them; its configuration is the embedded server's but for the part about the cluster."""

    def __init__(self, directory: Path, name: str, routes: dict[str, int]) -> None:
        super().__init__(directory)
        self.name = name
        self._listen = f"127.0.0.1:{routes[name]}"
        addresses = ", ".join(f'"nats-route://cluster:secret@127.0.0.1:{port}"' for port in routes.values())
        (directory / "cluster.conf").write_text(f"NATS_PASSWORD_CLUSTER: secret\nNATS_ROUTES: [{addresses}]\n")

    def node(self) -> Node:
        """Where this server listens, and where the others find it."""
        alone = super().node()
        return Node(
            listen=alone.listen,
            store_dir=alone.store_dir,
            monitor=alone.monitor,
            name=self.name,
            include="cluster.conf",
            cluster=Cluster(self._listen),
        )


class NatsCluster:
    """The servers by name, and their addresses as one NATS_URL."""

    def __init__(self, directory: Path) -> None:
        routes = {name: free_port() for name in NODES}
        self.nodes: dict[str, ClusterNode] = {}
        for name in NODES:
            (directory / name).mkdir(parents=True)
            passwords = directory / NODES[0] / "passwords.json"
            if name != NODES[0]:
                shutil.copy(passwords, directory / name)
            self.nodes[name] = ClusterNode(directory / name, name, routes)

    def url(self, user: str = "operator") -> str:
        """Addresses of all servers with the credentials of `user`."""
        return ",".join(node.url(user) for node in self.nodes.values())

    def start(self) -> None:
        """Start them together: none is ready without another."""
        for node in self.nodes.values():
            node.spawn()
        for node in self.nodes.values():
            node.wait_ready()

    def stop(self) -> None:
        """Stop what runs."""
        for node in self.nodes.values():
            node.stop(signal.SIGKILL)


@contextmanager
def nats_cluster(directory: Path) -> Iterator[NatsCluster]:
    """A running cluster."""
    cluster = NatsCluster(directory)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
