"""Where a request comes from, believing the headers of our own proxies only."""

from collections.abc import Sequence

from starlette.requests import HTTPConnection

from chassis.client_address import Network, client_address, within
from chassis.client_address import parsed_address as parsed
from recorder.web.access.identity import Client


def client_of(request: HTTPConnection, trusted: Sequence[Network]) -> Client:
    """Address, host and scheme as the client used them."""
    peer = request.client.host if request.client else None
    address = client_address(peer, request.headers.getlist("x-forwarded-for"), trusted)
    nearest = parsed(peer or "")
    believed = nearest is not None and within(nearest, trusted)
    host, scheme = request.headers.get("host", ""), request.url.scheme
    if believed:
        host = _last(request, "x-forwarded-host") or host
        scheme = _last(request, "x-forwarded-proto") or scheme
    return Client(str(address or ""), host.lower(), scheme == "https")


def _last(request: HTTPConnection, header: str) -> str:
    """What the nearest proxy wrote."""
    return request.headers.get(header, "").rpartition(",")[2].strip().lower()
