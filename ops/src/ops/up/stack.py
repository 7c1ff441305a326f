"""The whole stack from nothing to ready and back: read it top to bottom."""

import asyncio
import contextlib
import fcntl
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import nats.errors

from chassis.settings import SettingsError
from ops.bus.permissions import SERVICES
from ops.bus.provisioning import apply
from ops.embedded.nats import EmbeddedNats
from ops.embedded.postgres import EmbeddedPostgres
from ops.up.children import ModuleChild, ServerChild
from ops.up.plan import Plan, check, make_plan
from ops.up.relay import Relay
from ops.up.supervisor import Supervisor
from ops.variables import read_variables
from recorder.migrate import migrate
from recorder.role import ROLE, let_in

READY_SECONDS = 90.0
SIMULATED_CREDENTIALS = (
    "TWILIO_ACCOUNT_SID",
    "TWILIO_AUTH_TOKEN",
    "TWILIO_PHONE_NUMBER",
    "VOIPMS_DID",
    "VOIPMS_WEBHOOK_TOKEN",
)
"""Told in frontdesk.env, so that anybody on this machine can sign a webhook of the simulated providers."""


class CannotStart(Exception):
    """The stack did not come up; the message says which part and why."""


def up(env_file: Path = Path(".env")) -> int:
    """Start everything, stay until SIGINT or SIGTERM, stop everything. Returns the exit code."""
    began = time.monotonic()
    try:
        plan = make_plan(read_variables(env_file))
        with _alone(plan.data_dir):
            return asyncio.run(_run(plan, began))
    except SettingsError as error:
        for problem in error.problems:
            print(f"frontdesk: {problem}", file=sys.stderr)
        return 2
    except CannotStart as error:
        print(f"frontdesk: {error}", file=sys.stderr)
        return 1


async def _run(plan: Plan, began: float) -> int:
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    signal.signal(signal.SIGTSTP, signal.SIG_IGN)  # Ctrl-Z would stop us reading what the services print, and so them
    relay = Relay()
    plan, servers, logins = _embed(plan)
    check(plan)
    services = _services(plan, logins, relay)
    supervisor = Supervisor([*servers, *services], plan.data_dir / "run", relay.say)
    watching: asyncio.Task[None] | None = None
    try:
        _start_servers(servers)
        await _provision(plan, logins)
        supervisor.start_all()
        watching = asyncio.create_task(supervisor.watch(stop))
        if await _ready(services, stop):
            _write_addresses(plan)
            _announce(plan, relay, time.monotonic() - began)
            await stop.wait()
            relay.say("Stopping …")
    finally:
        stop.set()
        if watching:
            await watching
        await supervisor.stop_all()
        for stale in ("run/status.json", "frontdesk.env"):
            (plan.data_dir / stale).unlink(missing_ok=True)
        relay.say("Stopped.")
        relay.drain()
    return 0


@contextlib.contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    with (data_dir / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CannotStart(f"another 'frontdesk up' uses DATA_DIR={data_dir}") from None
        (data_dir / "frontdesk.env").unlink(missing_ok=True)
        yield


def _embed(plan: Plan) -> tuple[Plan, list[ServerChild], dict[str, dict[str, str]]]:
    """The servers to embed, the plan with the operator's addresses of them, and those of each service."""
    servers: list[ServerChild] = []
    logins: dict[str, dict[str, str]] = {name: {} for name in SERVICES}
    if plan.embed_nats:
        directory = plan.data_dir / "nats"
        directory.mkdir(parents=True, exist_ok=True)
        server = EmbeddedNats(directory)
        servers.append(ServerChild("nats", server, signal.SIGTERM))
        plan = plan.with_(NATS_URL=server.url())
        for name in SERVICES:
            logins[name]["NATS_URL"] = server.url(name)
    if plan.embed_postgres:
        postgres = EmbeddedPostgres(plan.data_dir / "postgres")
        servers.append(ServerChild("postgres", postgres, signal.SIGINT))
        plan = plan.with_(DATABASE_URL=postgres.url)
        logins["recorder"]["DATABASE_URL"] = postgres.url_of(ROLE)
    return plan, servers, logins


def _services(plan: Plan, logins: dict[str, dict[str, str]], relay: Relay) -> list[ModuleChild]:
    console = {"LOG_FORMAT": "console"} if sys.stdout.isatty() and "LOG_FORMAT" not in plan.variables else {}
    services = [
        ModuleChild(
            name,
            {**plan.environment_of(name), **console, **logins[name]},
            f"{plan.ops_url(name)}/readyz",
            relay,
        )
        for name in SERVICES
    ]
    if plan.simulate:
        simulator = ModuleChild(
            "simulator", plan.environment_of("simulator"), f"{plan.simulator_url}/simulator/health", relay
        )
        services.append(simulator)
    return services


def _start_servers(servers: list[ServerChild]) -> None:
    for server in servers:
        try:
            server.start()
            server.wait_ready()
        except (RuntimeError, OSError) as error:
            raise CannotStart(f"{server.name}: {error}") from error


async def _provision(plan: Plan, logins: dict[str, dict[str, str]]) -> None:
    try:
        await apply(plan.variables["NATS_URL"], security=plan.nats_security)
    except (nats.errors.Error, OSError) as error:
        raise CannotStart(f"NATS_URL: streams cannot be provisioned: {error}") from error
    url = plan.variables.get("DATABASE_URL")
    if url:  # behind SUPABASE_URL alone there is no way to migrate: the Supabase CLI does it
        try:
            await asyncio.to_thread(migrate, url)
            if "DATABASE_URL" in logins["recorder"]:
                await asyncio.to_thread(let_in, url, urlsplit(logins["recorder"]["DATABASE_URL"]).password or "")
        except Exception as error:
            raise CannotStart(
                f"DATABASE_URL: the database cannot be migrated: {type(error).__name__}: {error}"
            ) from error


async def _ready(services: list[ModuleChild], stop: asyncio.Event) -> bool:
    """Wait until every service is ready. False when asked to stop meanwhile; raises `CannotStart` when one is not."""
    deadline = time.monotonic() + READY_SECONDS
    waiting = dict.fromkeys(services, "")
    while waiting and not stop.is_set():
        for service in list(waiting):
            problem = await asyncio.to_thread(service.problem)
            if problem is None:
                del waiting[service]
            else:
                waiting[service] = problem
            if service.exit_code() == 2:
                raise CannotStart(f"{service.name} refuses its settings (see above)")
        if waiting and time.monotonic() > deadline:
            why = "; ".join(f"{service.name}: {problem}" for service, problem in waiting.items())
            raise CannotStart(f"not ready within {READY_SECONDS:g} s: {why}")
        await asyncio.sleep(0.05)
    return not stop.is_set()


def _addresses(plan: Plan) -> dict[str, str]:
    addresses = {
        "GATEWAY_URL": plan.gateway_url,
        "RECORDER_URL": plan.recorder_url,
        "NATS_URL": plan.variables["NATS_URL"],
        "WEBHOOK_BASE_URL": plan.variables["WEBHOOK_BASE_URL"],
        **{f"{name.upper()}_OPS_URL": plan.ops_url(name) for name in SERVICES},
    }
    for name in ("DATABASE_URL", "SUPABASE_URL"):
        if name in plan.variables:
            addresses[name] = plan.variables[name]
    if plan.simulate:
        addresses |= {"SIMULATOR_URL": plan.simulator_url}
        addresses |= {name: plan.variables[name] for name in SIMULATED_CREDENTIALS}
    if plan.made_password:
        addresses["DASHBOARD_PASSWORD"] = plan.variables["DASHBOARD_PASSWORD"]
    return addresses


def _write_addresses(plan: Plan) -> None:
    """Write frontdesk.env whole or not at all; it holds passwords of this machine's servers, so it is ours alone."""
    draft = plan.data_dir / "frontdesk.env.new"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.writelines(f"{name}={value}\n" for name, value in _addresses(plan).items())
    draft.replace(plan.data_dir / "frontdesk.env")


def _announce(plan: Plan, relay: Relay, seconds: float) -> None:
    page = plan.recorder_url
    if plan.made_password:
        page += f"  (any name, password {plan.variables['DASHBOARD_PASSWORD']})"
    relay.say(f"Frontdesk is ready after {seconds:.1f} s.")
    relay.say(f"  webhooks   {plan.gateway_url}  (checked against {plan.variables['WEBHOOK_BASE_URL']})")
    relay.say(f"  page       {page}")
    if plan.simulate:
        relay.say(f"  simulator  {plan.simulator_url}  (no provider credentials are set; try 'make demo')")
    relay.say(f"  addresses  {plan.data_dir / 'frontdesk.env'}")
    relay.say("Stop with Ctrl-C.")
