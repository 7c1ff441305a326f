"""The address providers know us by. It is configured: the Host header is written by whoever sends the request."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True)
class PublicUrl:
    """An absolute http(s) URL without user, query and fragment. `host` is bracketed when it is an IPv6 address."""

    scheme: str
    host: str
    port: int | None = None
    prefix: str = ""
    """Path that a proxy in front of us strips; empty, or with a leading and no trailing slash."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a configured URL. Raises `ValueError` saying what is wrong with it."""
        parts = urlsplit(text.strip())
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
            raise ValueError("must be an absolute URL that starts with https:// or http://")
        if parts.query or parts.fragment or "?" in text or "#" in text:
            raise ValueError("must not have a query or a fragment")
        if parts.username is not None:
            raise ValueError("must not hold a user or password: Twilio leaves them out of what it signs")
        if not text.isascii():
            raise ValueError("must be ASCII: write an international host name in its xn-- form")
        port = parts.port  # raises ValueError when it is no port
        host = parts.netloc.removesuffix(f":{port}") if port is not None else parts.netloc.removesuffix(":")
        return cls(parts.scheme, host, port, parts.path.rstrip("/"))

    def __str__(self) -> str:
        return self.at("")

    def at(self, path: str) -> str:
        """The public URL of one of our paths."""
        port = "" if self.port is None else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}{self.prefix}{path}"

    def signed_forms(self, path: str, query: str) -> tuple[str, str]:
        """The URL of a request without and with its port, path and query untouched.

        Twilio docs (webhooks security): HTTPS voice requests are signed without the port, others with it; its SDKs
        accept both, with the scheme's default port when the URL names none.
        """
        rest = f"{self.prefix}{path}?{query}" if query else f"{self.prefix}{path}"
        port = self.port or _DEFAULT_PORTS[self.scheme]
        return f"{self.scheme}://{self.host}{rest}", f"{self.scheme}://{self.host}:{port}{rest}"
