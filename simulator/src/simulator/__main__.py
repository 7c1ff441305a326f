"""`python -m simulator`: runs until SIGTERM or SIGINT. Exits 2 when a setting is wrong, naming it."""

import asyncio
import signal
import sys

from simulator.logs import configure, log
from simulator.serving import serving
from simulator.settings import Settings, SettingsError


async def _run(settings: Settings) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    async with serving(settings) as url:
        log.info("ready url=%s", url)
        await stop.wait()
    log.info("stopped")


def main() -> None:
    """Entry point."""
    try:
        settings = Settings.load()
        configure(settings.log_level)
        asyncio.run(_run(settings))
    except SettingsError as error:
        for problem in error.problems:
            sys.stderr.write(f"simulator: {problem}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
