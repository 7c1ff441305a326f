"""Public URLs, which are signed, and where they really are."""

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Addresses:
    """The gateway as the world sees it, and as this machine reaches it."""

    public: str
    real: str

    def url(self, path: str) -> str:
        """Public URL of a path of the gateway."""
        return self.public + path

    def target(self, url: str) -> tuple[str, bytes] | None:
        """Address to connect to and the exact request target; None when `url` is not the gateway's."""
        rest = url.removeprefix(self.public)
        if rest == url or (rest and rest[0] not in "/?"):
            return None
        real = urlsplit(self.real)
        path = real.path + rest.partition("#")[0]
        return f"{real.scheme}://{real.netloc}", (path if path.startswith("/") else f"/{path}").encode()
