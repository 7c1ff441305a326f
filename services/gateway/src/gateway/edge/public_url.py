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
        return self._forms(self.scheme, self.port or _DEFAULT_PORTS[self.scheme], path, query)

    def websocket_forms(self, path: str, query: str) -> tuple[str, ...]:
        """The same for a WebSocket handshake (`wss://`), each also with a slash at its end.

        Twilio docs (webhooks security): when the signature does not fit, try again with a slash appended. Twilio's
        SDKs give a `wss` URL without a port port 80; 443, which is right, is tried as well.
        """
        scheme = "wss" if self.scheme == "https" else "ws"
        ports = (self.port,) if self.port else (80, _DEFAULT_PORTS[self.scheme])
        forms = dict.fromkeys(form for port in ports for form in self._forms(scheme, port, path, query))
        return (*forms, *(f"{form}/" for form in forms))

    def _forms(self, scheme: str, port: int, path: str, query: str) -> tuple[str, str]:
        rest = f"{self.prefix}{path}?{query}" if query else f"{self.prefix}{path}"
        return f"{scheme}://{self.host}{rest}", f"{scheme}://{self.host}:{port}{rest}"
