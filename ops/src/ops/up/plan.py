"""What `frontdesk up` will start and with which environment: decided before anything runs."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from faststream.nats.security import NatsSecurity

from chassis.environment import KNOWN
from chassis.nats_access import NatsAccess
from chassis.settings import ServiceSettings, SettingsError, load
from gateway.settings import GatewaySettings
from ops.embedded.children import free_port, kept_secret
from ops.simulated import credentials
from recorder.settings import RecorderSettings
from responder.settings import ResponderSettings
from simulator.settings import Settings as SimulatorSettings
from transcriber.settings import TranscriberSettings

SERVICES: dict[str, type[ServiceSettings]] = {
    "gateway": GatewaySettings,
    "recorder": RecorderSettings,
    "responder": ResponderSettings,
    "transcriber": TranscriberSettings,
}

PORTS = {
    "GATEWAY_PORT": 3001,
    "RECORDER_PORT": 3002,
    "GATEWAY_OPS_PORT": 9101,
    "RECORDER_OPS_PORT": 9102,
    "RESPONDER_OPS_PORT": 9103,
    "TRANSCRIBER_OPS_PORT": 9104,
}
"""Variable and the port used when it is unset; 0 picks a free one."""

PROVIDER_CREDENTIALS = (
    "TWILIO_ACCOUNT_SID",
    "TWILIO_AUTH_TOKEN",
    "VOIPMS_USERNAME",
    "VOIPMS_PASSWORD",
    "VOIPMS_ALLOWED_IPS",
    "VOIPMS_WEBHOOK_TOKEN",
)
"""When one of these is set, real providers are meant and the simulator stays off."""

_LOOPBACK_DASHBOARD = "RECORDER_HOST: the page is served beyond this machine only with a DASHBOARD_PASSWORD"


@dataclass(frozen=True)
class Plan:
    """Variables by name, complete but for the addresses of embedded servers, and what to embed."""

    variables: Mapping[str, str]
    data_dir: Path
    embed_nats: bool
    embed_postgres: bool
    simulate: bool
    made_password: bool
    """DASHBOARD_PASSWORD was made by us and has to be told."""

    def with_(self, **more: str) -> "Plan":
        """The same plan with more variables."""
        return Plan({**self.variables, **more}, *(getattr(self, name) for name in list(self.__dataclass_fields__)[1:]))

    @property
    def nats_security(self) -> NatsSecurity:
        """How the operator connects to a NATS that was given; for an embedded one the URL says all."""
        given = {
            name: self.variables[name.upper()] for name in NatsAccess.model_fields if name.upper() in self.variables
        }
        return load(NatsAccess, **given).nats_security

    @property
    def gateway_url(self) -> str:
        """Where providers' webhooks are taken on this machine."""
        return _url(self.variables, "GATEWAY")

    @property
    def recorder_url(self) -> str:
        """Where the practice's page is."""
        return _url(self.variables, "RECORDER")

    @property
    def simulator_url(self) -> str:
        """Where the simulator is, when there is one."""
        return f"http://127.0.0.1:{self.variables['SIMULATOR_PORT']}"

    def ops_url(self, service: str) -> str:
        """Where `service` answers /healthz, /readyz and /metrics."""
        return f"http://127.0.0.1:{self.variables[f'{service.upper()}_OPS_PORT']}"

    def environment_of(self, name: str) -> dict[str, str]:
        """The environment of one process: of our variables only those its settings class reads."""
        settings = SimulatorSettings if name == "simulator" else SERVICES[name]
        wanted = {field.upper() for field in settings.model_fields}
        others = {key: value for key, value in os.environ.items() if key.upper() not in KNOWN}
        direct = {name: _with_loopback(others.get(name, "")) for name in ("NO_PROXY", "no_proxy")}
        return {**others, **direct, **{key: value for key, value in self.variables.items() if key in wanted}}


def _with_loopback(no_proxy: str) -> str:
    """The addresses that need no proxy, with those of this machine: the services talk to servers and simulator here."""
    return ",".join([*filter(None, [no_proxy]), "127.0.0.1", "localhost"])


def _url(variables: Mapping[str, str], service: str) -> str:
    host = variables.get(f"{service}_HOST") or "127.0.0.1"
    shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{variables[f'{service}_PORT']}"


def make_plan(given: Mapping[str, str]) -> Plan:
    """Fill in everything that was not given. Raises `SettingsError` naming what cannot work."""
    data_dir = Path(given.get("DATA_DIR", "var")).absolute()
    data_dir.mkdir(parents=True, exist_ok=True)
    variables = {**given, **_ports(given), "DATA_DIR": str(data_dir)}
    simulate = not any(name in given for name in PROVIDER_CREDENTIALS)
    if simulate:
        variables |= _simulated(data_dir, variables)
    made_password = "DASHBOARD_PASSWORD" not in given
    if made_password:
        variables["DASHBOARD_PASSWORD"] = kept_secret(data_dir / "dashboard-password")
        if not _loopback(variables.get("RECORDER_HOST", "127.0.0.1")):
            raise SettingsError([_LOOPBACK_DASHBOARD])
    variables.setdefault("SPOOL_DIR", str(data_dir / "spool"))
    variables.setdefault("WEBHOOK_BASE_URL", _url(variables, "GATEWAY"))
    return Plan(
        variables,
        data_dir,
        embed_nats="NATS_URL" not in given,
        embed_postgres="DATABASE_URL" not in given and "SUPABASE_URL" not in given,
        simulate=simulate,
        made_password=made_password,
    )


def check(plan: Plan) -> None:
    """Raise `SettingsError` with what any service would refuse at its start."""
    problems: list[str] = []
    for name, settings in SERVICES.items():
        with _as_environment(plan.environment_of(name)):
            try:
                load(settings)
            except SettingsError as error:
                problems += [problem for problem in error.problems if problem not in problems]
    if problems:
        raise SettingsError(problems)


@contextmanager
def _as_environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _ports(given: Mapping[str, str]) -> dict[str, str]:
    ports = {}
    for name, default in PORTS.items():
        wanted = given.get(name, str(default))
        if not wanted.isdigit() or int(wanted) > 65535:
            raise SettingsError([f"{name}: not a port (0 to 65535)"])
        ports[name] = wanted if int(wanted) else str(free_port())
    return ports


def _simulated(data_dir: Path, variables: Mapping[str, str]) -> dict[str, str]:
    """Credentials of providers that exist only here; the same after a restart."""
    file = data_dir / "simulator.json"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(json.dumps(credentials()))
    port = variables.get("SIMULATOR_PORT", "0")
    port = port if port != "0" else str(free_port())
    url = f"http://127.0.0.1:{port}"
    known: dict[str, str] = json.loads(file.read_text())
    apis = {"SIMULATOR_PORT": port, "TWILIO_API_URL": url, "VOIPMS_API_URL": f"{url}/api/v1/rest.php"}
    return {**known, **apis, "GATEWAY_URL": _url(variables, "GATEWAY")}


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
