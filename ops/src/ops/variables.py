"""Where the `frontdesk` command takes its variables from."""

import os
from pathlib import Path

from dotenv import dotenv_values

from chassis.environment import KNOWN, misspelt, unknown
from chassis.settings import SettingsError


def read_variables(env_file: Path) -> dict[str, str]:
    """Our variables from `env_file` and the environment, which wins. Raises `SettingsError` naming unknown ones."""
    written = {name: value or "" for name, value in dotenv_values(env_file).items()} if env_file.exists() else {}
    problems = [f"{env_file}: {unknown(name)}" for name in sorted(written) if name.upper() not in KNOWN]
    problems += misspelt(os.environ)
    if problems:
        raise SettingsError(problems)
    present = {name.upper(): value for name, value in os.environ.items() if name.upper() in KNOWN}
    merged = {**{name.upper(): value for name, value in written.items()}, **present}
    return {name: value for name, value in merged.items() if value != ""}
