"""`frontdesk streams` and `frontdesk nats`: what is on the bus, the server's configuration, and who may do what."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click


def operators_way(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options of a command that connects as the operator, named as `NatsAccess` names them."""
    for option in (
        click.option("--nats-ca", envvar="NATS_CA", help="Authorities that a tls:// server is checked with."),
        click.option(
            "--nats-creds", envvar="NATS_CREDS", help="Credentials or nkey file, instead of a user in the address."
        ),
        click.option("--nats-url", envvar="NATS_URL", required=True, help="Address with an operator's credentials."),
    ):
        command = option(command)
    return command


@click.group()
def streams() -> None:
    """Streams, durable consumers and key-value buckets."""


@streams.command("apply")
@operators_way
@click.option(
    "--replicas", envvar="NATS_REPLICAS", default=1, show_default=True, help="Copies of each stream in a cluster."
)
def streams_apply(replicas: int, **way: str | None) -> None:
    """Create or update them; running it again changes nothing."""
    import nats.errors

    from chassis.nats_access import NatsAccess
    from chassis.settings import load
    from ops.bus.provisioning import apply

    access = load(NatsAccess, **way)
    try:
        for line in asyncio.run(
            apply(access.nats_url.get_secret_value(), security=access.nats_security, replicas=replicas)
        ):
            click.echo(line)
    except (nats.errors.Error, OSError) as error:
        raise click.ClickException(f"NATS_URL: {error}") from error


@click.group()
def nats() -> None:
    """A NATS server of your own: its configuration, its users' keys, and who may do what."""


@nats.command("config")
@click.option("--listen", default="0.0.0.0:4222", show_default=True, help="host:port for clients.")
@click.option("--store", "store_dir", default="/data", show_default=True, help="Where JetStream keeps its files.")
@click.option("--monitor", help="host:port of health and metrics over HTTP; keep it from the outside.")
@click.option("--name", default="frontdesk", show_default=True, help="The server's name; each node has its own.")
@click.option("--passwords", "include", help="File beside nats.conf that sets the passwords, not the environment.")
@click.option("--keys", type=click.Path(path_type=Path), help="Folder of 'nats keys', instead of passwords.")
@click.option("--tls", nargs=2, metavar="CERT KEY", help="PEM files, as paths where the server runs.")
@click.option(
    "--cluster", "cluster_listen", metavar="HOST:PORT", help="Where other nodes connect; their addresses: NATS_ROUTES."
)
def config(keys: Path | None, tls: tuple[str, str] | None, cluster_listen: str | None, **node: str) -> None:
    """Write a complete nats-server configuration, without secrets, to standard output."""
    from ops.bus import configuration
    from ops.bus.keys import MissingKey, public_keys

    try:
        nkeys = public_keys(keys) if keys else None
    except MissingKey as error:
        raise click.ClickException(f"{error}; run 'frontdesk nats keys {keys}'") from error
    whole = configuration.Node(
        **node,
        nkeys=nkeys,
        tls=configuration.Tls(*tls) if tls else None,
        cluster=configuration.Cluster(cluster_listen) if cluster_listen else None,
    )
    click.echo(configuration.config(whole), nl=False)


@nats.command("keys")
@click.argument("folder", type=click.Path(path_type=Path))
def keys(folder: Path) -> None:
    """Make an nkey for every user in FOLDER; those that are there stay."""
    from ops.bus.keys import make

    for file in make(folder):
        click.echo(file)


@nats.command("rights")
@click.option("--write", is_flag=True, help="Into docs/rights.md.")
def rights(write: bool) -> None:
    """Start a server, try everything as every user, and tell what it allowed."""
    from ops.bus.probing import probe_everybody
    from ops.bus.rights import PAGE, markdown, page

    found = asyncio.run(probe_everybody())
    if write:
        PAGE.write_text(page(PAGE.read_text(), found))
    else:
        click.echo(markdown(found), nl=False)
