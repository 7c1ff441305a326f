"""Who sent a request, when some of the headers can be believed and others cannot."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def client_address(peer: str | None, forwarded_for: Sequence[str], trusted: Sequence[Network]) -> Address | None:
    """The nearest address that is not one of our proxies; None when that cannot be known.

    `forwarded_for` holds the X-Forwarded-For headers in order. Each proxy appends the address it was called from, so
    they are read from the right, and only as far as the one who wrote an entry is trusted: everything left of that
    is the sender's own claim.
    """
    client = _address(peer or "")
    hops = [hop for header in forwarded_for for hop in header.split(",")]
    while client is not None and hops and within(client, trusted):
        client = _address(hops.pop())
    return client


def within(address: Address, networks: Sequence[Network]) -> bool:
    """Whether `address` lies in one of `networks`."""
    return any(address in network for network in networks)


def _address(text: str) -> Address | None:
    """An address, with or without port; an IPv4 address mapped into IPv6 is the IPv4 address."""
    try:
        address = ip_address(_without_port(text.strip()))
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _without_port(text: str) -> str:
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
