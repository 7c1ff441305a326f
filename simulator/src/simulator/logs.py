"""One line per action on standard error; numbers masked, no texts, no secrets."""

import logging

log = logging.getLogger("simulator")


def configure(level: str) -> None:
    """Log our own lines; libraries only warn, because their lines contain URLs with tokens and texts."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s", level=logging.WARNING)
    log.setLevel(level.upper())


def mask(number: str) -> str:
    """`+12125550123` becomes `***0123`; short codes stay."""
    return number if len(number) <= 5 else f"***{number[-4:]}"
