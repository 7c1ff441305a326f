"""Which container is given which secret: decided here, written by `ops.deployment.folders`.

A share is a folder of files that one container sees as SECRETS_DIR, or as its configuration. Nothing is in a share that
its container does not read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import jwt

from ops.bus.configuration import Node, config
from ops.bus.permissions import OPERATOR, users
from recorder.role import ROLE

READERS: dict[str, tuple[str, ...]] = {
    "gateway": (
        "twilio_auth_token",
        "twilio_auth_token_next",
        "twilio_subaccount_tokens",
        "twilio_shared_keys",
        "voipms_webhook_token",
        "rate_limit_storage_url",
    ),
    "recorder": ("supabase_service_role_key", "dashboard_password", "twilio_auth_token", "voipms_password"),
    "responder": ("twilio_auth_token", "voipms_password", "understanding_api_key"),
    "transcriber": ("twilio_auth_token", "voipms_password"),
}
"""The secrets that only the operator of a deployment can know, by the services that read them."""

OWN = (
    *(user.password_variable.lower() for user in users()),
    "database_password",
    "recorder_database_password",
    "dashboard_password",
    "grafana_password",
    "jwt_secret",
)
"""Secrets that are made when there are none, and kept."""

PROVIDERS = ("twilio_auth_token", "twilio_subaccount_tokens", "twilio_shared_keys", "voipms_password")
"""Who gives one of these means real providers."""

PROFILES = ("simulator", "postgrest", "supabase")
"""The profiles of compose.yaml that decide who is given which secret."""

SIMULATOR_URL = "http://simulator:8090"
POSTGREST_URL = "http://local-supabase:8000"

_NODE = Node(listen="0.0.0.0:4222", store_dir="/jetstream", monitor="0.0.0.0:8222", include="passwords.conf")

Share = dict[str, str]
"""Contents by file name."""


class Contradiction(ValueError):
    """What was given does not go together, or is not a secret of ours."""


@dataclass(frozen=True)
class Wanted:
    """What this deployment is to be, as its profiles and its settings say. Raises `Contradiction`."""

    profiles: frozenset[str] = frozenset()
    """Those of `PROFILES` that are on."""
    supabase_url: str | None = None

    def __post_init__(self) -> None:
        if "supabase" in self.profiles and not self.supabase_url:
            raise Contradiction("the profile supabase is on, but SUPABASE_URL is not set (in .env)")
        if "postgrest" in self.profiles and self.supabase_url:
            raise Contradiction("the profile postgrest is the local database's: not with SUPABASE_URL")

    @property
    def simulator(self) -> bool:
        """Whether the simulator takes the providers' place."""
        return "simulator" in self.profiles

    @property
    def postgrest(self) -> bool:
        """Whether the recorder goes to the local database as it would to Supabase."""
        return "postgrest" in self.profiles


def shares(
    given: Mapping[str, str], own: Mapping[str, str], wanted: Wanted, invented: Mapping[str, str]
) -> dict[str, Share]:
    """The files of every share, by its name.

    `given` are the operator's secrets, `own` those of `OWN`, `invented` the accounts at the simulator. Raises
    `Contradiction`.
    """
    _check(given, wanted)
    secrets = {**own, **given}
    owner = given.get("database_url") or f"postgresql://frontdesk:{own['database_password']}@postgres:5432/frontdesk"
    simulated = invented if wanted.simulator else {}
    found = {
        service: {name: secrets[name] for name in names if name in secrets}
        | {"nats_url": _nats_url(service, own)}
        | _pretended(simulated)
        for service, names in READERS.items()
    }
    if wanted.postgrest:
        key = jwt.encode({"role": "service_role"}, own["jwt_secret"], algorithm="HS256")
        found["recorder"] |= {"supabase_url": POSTGREST_URL, "supabase_service_role_key": key}
    elif not wanted.supabase_url:
        found["recorder"]["database_url"] = _as_the_recorder(owner, own["recorder_database_password"])
    found["simulator"] = _as_files(simulated)
    found["demo"] = {"frontdesk.env": _for_the_demo(owner)} if simulated else {}
    return found | _beside_the_services(own, owner)


def _beside_the_services(own: Mapping[str, str], owner: str) -> dict[str, Share]:
    """The servers', and the operator's."""
    return {
        "operator": {
            "nats_url": _nats_url(OPERATOR, own),
            "database_url": owner,
            "recorder_database_password": own["recorder_database_password"],
        },
        "nats": {"nats.conf": config(_NODE), "passwords.conf": _nats_passwords(own)},
        "postgres": {"password": own["database_password"]},
        "postgrest": {"db_uri": owner, "jwt_secret": own["jwt_secret"]},
        "grafana": {"password": own["grafana_password"]},
    }


def _check(given: Mapping[str, str], wanted: Wanted) -> None:
    known = {"database_url", "dashboard_password", *(name for names in READERS.values() for name in names)}
    for name in sorted(given):
        if name not in known:
            raise Contradiction(f"{name} is not a secret that can be given; they are {', '.join(sorted(known))}")
    for name in PROVIDERS if wanted.simulator else ():
        if name in given:
            raise Contradiction(f"{name} is given, so texts would reach real people: not with the simulator")
    for name in ("supabase_service_role_key", "database_url") if wanted.supabase_url else ():
        if name not in given:
            raise Contradiction(f"SUPABASE_URL is set, but there is no file secrets/{name}")
    if "supabase_service_role_key" in given and not wanted.supabase_url:
        raise Contradiction("supabase_service_role_key is given, but SUPABASE_URL is not set (in .env)")
    if "database_url" in given and wanted.postgrest:
        raise Contradiction("database_url is given: not with the profile postgrest, which is the local database's")


def _nats_url(user: str, own: Mapping[str, str]) -> str:
    return f"nats://{user}:{own[f'nats_password_{user}']}@nats:4222"


def _as_the_recorder(owner: str, password: str) -> str:
    """The owner's address, as the role that may call the recorder's functions and nothing else."""
    parts = urlsplit(owner)
    where = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{ROLE}:{password}@{where}").geturl()


def _nats_passwords(own: Mapping[str, str]) -> str:
    return "".join(f'{user.password_variable}: "{own[user.password_variable.lower()]}"\n' for user in users())


def _pretended(simulated: Mapping[str, str]) -> Share:
    """The invented accounts, and where their providers are; nothing when there are none."""
    apis = {"twilio_api_url": SIMULATOR_URL, "voipms_api_url": f"{SIMULATOR_URL}/api/v1/rest.php"}
    return _as_files(simulated) | apis if simulated else {}


def _as_files(settings: Mapping[str, str]) -> Share:
    return {name.lower(): value for name, value in settings.items()}


def _for_the_demo(database_url: str) -> str:
    page = "http://localhost:3002"
    return f"SIMULATOR_URL={SIMULATOR_URL}\nDATABASE_URL={database_url}\nRECORDER_URL={page}\n"
