"""Who sent a request, when some of the headers can be believed and others cannot."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from itertools import chain, islice
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_settings import NoDecode

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_MAX_PROXIES = 20
"""Of ours, one behind the other. Beyond that nobody is looked for any more."""

_MAX_ENTRY = 80
"""Characters, which no address needs."""

_WITH_PORT = re.compile(r"\[(?P<v6>[^\]]*)\](:[0-9]{1,5})?|(?P<v4>[0-9.]+):[0-9]{1,5}")
_MAPPED = IPv6Network("::ffff:0:0/96")


def _networks(value: Any) -> Any:
    return (
        tuple(_network(item.strip()) for item in value.split(",") if item.strip()) if isinstance(value, str) else value
    )


def _network(item: str) -> Network:
    try:
        return network(item)
    except ValueError as error:
        raise ValueError(f"{item!r} is not an address or CIDR range ({error})") from error


Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(_networks)]
"""A setting: addresses and CIDR ranges, comma separated."""


def client_address(peer: str | None, forwarded_for: Sequence[str], trusted: Sequence[Network]) -> Address | None:
    """The nearest address that is not one of our proxies; None when that cannot be known.

    `forwarded_for` holds the X-Forwarded-For headers in order. Each proxy appends the address it was called from, so
    they are read from the right, and only as far as the one who wrote an entry is trusted: everything left of that
    is the sender's own claim. `Forwarded` (RFC 7239) is not read: proxies that write one pass the other through.
    """
    client = parsed_address(peer or "")
    if not forwarded_for or client is None or not within(client, trusted):
        return client
    for hop in islice(_from_the_right(forwarded_for), _MAX_PROXIES):
        client = parsed_address(hop)
        if client is None or not within(client, trusted):
            return client
    return client


def within(address: Address, networks: Sequence[Network]) -> bool:
    """Whether `address` lies in one of `networks`."""
    return any(address in network for network in networks)


def network(text: str) -> Network:
    """A CIDR range or a single address; one of IPv4 addresses mapped into IPv6 is the IPv4 range.

    Raises `ValueError`.
    """
    written = ip_network(text)
    if isinstance(written, IPv6Network) and written.subnet_of(_MAPPED):
        return IPv4Network((int(written.network_address) & 0xFFFF_FFFF, written.prefixlen - 96))
    return written


def _from_the_right(headers: Sequence[str]) -> Iterator[str]:
    """The entries of all headers, the last one first; no more is split than is read."""
    return chain.from_iterable(map(_entries_from_the_right, reversed(headers)))


def _entries_from_the_right(header: str) -> Iterator[str]:
    separator = ","
    while separator:
        header, separator, entry = header.rpartition(",")
        yield entry


def parsed_address(text: str) -> Address | None:
    """An address, with or without port; an IPv4 address mapped into IPv6 is the IPv4 address."""
    return _parsed(text.strip()) if len(text) <= _MAX_ENTRY else None


@lru_cache(maxsize=4_096)  # a provider sends from few addresses, and reading one takes longer than looking it up
def _parsed(text: str) -> Address | None:
    written = _WITH_PORT.fullmatch(text)
    try:
        address = ip_address(text if written is None else written["v6"] or written["v4"] or "")
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
