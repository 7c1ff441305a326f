"""`.env.example` and docs/configuration.md, generated from the settings classes so that they cannot lie."""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic_settings import BaseSettings

from chassis.settings import ServiceSettings
from ops.up.plan import SERVICES
from ops.up.settings import UpSettings

ENV_EXAMPLE = ".env.example"
CONFIGURATION = "docs/configuration.md"

_BEGIN, _END = "<!-- generated: frontdesk settings write -->", "<!-- end of generated part -->"

_ENV_HEAD = """\
# Copy to .env and set what you need; `make run` reads it, and the environment wins over it.
# Everything has a default: with no provider credentials set, a simulator stands in for the providers.
# In containers (compose.yaml) it has no secrets, addresses and ports: secrets/README.md, docs/operations.md.
"""

_PURPOSES = (
    ("Twilio", "TWILIO_"),
    ("VoIP.ms", "VOIPMS_"),
    ("Webhooks", "WEBHOOK_|TRUSTED_|RATE_LIMIT_"),
    ("Practice", "PRACTICE_"),
    ("Transcription", "ENABLE_TRANSCRIPTION|TRANSCRIPTION_|WHISPER_"),
    ("Database and page", "DATABASE_|SUPABASE_|DASHBOARD_|RETENTION_"),
    ("Bus and spool", "NATS_|SPOOL_"),
    ("Addresses and ports", r"\w+_(HOST|PORT)"),
    ("This machine", "DATA_DIR|LOG_|SECRETS_"),
)


@dataclass(frozen=True)
class Setting:
    """One variable, and who reads it."""

    name: str
    default: str
    description: str
    readers: tuple[str, ...]


def settings() -> list[Setting]:
    """Every variable once."""
    classes: dict[str, type[BaseSettings]] = {**SERVICES, "up": UpSettings}
    readers: dict[str, list[str]] = {}
    fields: dict[str, Any] = {}
    for service, settings_class in classes.items():
        for name, field in settings_class.model_fields.items():
            readers.setdefault(name.upper(), []).append(service)
            fields.setdefault(name.upper(), field)
    everywhere = {name.upper() for name in ServiceSettings.model_fields}
    return [
        Setting(
            name,
            _default(field.default),
            field.description or "",
            ("every service",) if name in everywhere else tuple(readers[name]),
        )
        for name, field in sorted(fields.items())
    ]


def _default(value: object) -> str:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if value is None or value in ((), ""):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _by_purpose() -> Iterator[tuple[str, list[Setting]]]:
    left = settings()
    for title, pattern in _PURPOSES:
        chosen = [setting for setting in left if re.match(pattern, setting.name)]
        left = [setting for setting in left if setting not in chosen]
        yield title, chosen
    if left:
        yield "Other", left


def env_example() -> str:
    """Every variable, commented out, with what it means."""
    parts = [_ENV_HEAD]
    for title, chosen in _by_purpose():
        parts.append(f"\n# --- {title} ---\n")
        for setting in chosen:
            parts.append(textwrap.fill(setting.description, 118, initial_indent="# ", subsequent_indent="# "))
            parts.append(f"\n#{setting.name}={setting.default}\n")
    return "".join(parts)


def table() -> str:
    """Markdown tables of every variable."""
    parts = []
    for title, chosen in _by_purpose():
        parts.append(f"\n### {title}\n\n| variable | default | read by | meaning |\n|---|---|---|---|\n")
        for setting in chosen:
            default = f"`{setting.default}`" if setting.default else ""
            parts.append(f"| `{setting.name}` | {default} | {', '.join(setting.readers)} | {setting.description} |\n")
    return "".join(parts)


def _wanted(root: Path) -> dict[str, str]:
    page = (root / CONFIGURATION).read_text()
    before, _, rest = page.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return {ENV_EXAMPLE: env_example(), CONFIGURATION: f"{before}{_BEGIN}\n{table()}\n{_END}{after}"}


def write(root: Path) -> None:
    """Write both files below `root`."""
    for name, text in _wanted(root).items():
        (root / name).write_text(text)


def stale(root: Path) -> list[str]:
    """The files that are not what the code says."""
    return [
        name for name, text in _wanted(root).items() if not (root / name).exists() or (root / name).read_text() != text
    ]
