"""Where a web hook may go: looked up once, checked, and connected to by that very address.

A name that answers otherwise the second time (DNS rebinding) gains nothing: there is no second
time. OWASP ASVS 1.3.6.
"""

import asyncio
import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import httpx

from shared.errors import Fault, Invalid

PORTS = frozenset({443, 8443})
# Ways into an IPv4 network by an IPv6 address: `is_global` says True of both (RFC 6052, RFC 3056).
_TUNNELS = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"), IPv6Network("2002::/16"))
Address = IPv4Address | IPv6Address


def checked(url: str, *, inside: bool) -> httpx.URL:
    """The address of a hook; raises `Invalid` for what no hook of ours is.

    `inside`: one of the organisation's own, in its own network; it may use http and any port.
    """
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        raise _refused("not_a_url") from None
    if parsed.userinfo or not parsed.host:
        raise _refused("userinfo" if parsed.userinfo else "no_host")
    if inside and parsed.scheme in ("http", "https"):
        return parsed
    if parsed.scheme != "https":
        raise _refused("not_https")
    if (parsed.port or 443) not in PORTS:
        raise _refused("port")
    return parsed


async def resolved(url: httpx.URL, *, inside: bool) -> str:
    """One address to connect to; raises `Invalid` when any that the name has is not public."""
    port = url.port or (443 if url.scheme == "https" else 80)
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(url.host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise httpx.ConnectError("the name has no address") from None
    addresses = [ip_address(str(each[4][0]).partition("%")[0]) for each in found]
    if not inside and not all(is_public(address) for address in addresses):
        raise _refused("private_address")
    return str(addresses[0])


def is_public(address: Address) -> bool:
    """Whether an address is anybody's on the internet, and no way around to one that is not."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if any(address in tunnel for tunnel in _TUNNELS):
            return False
    return address.is_global and not address.is_multicast


def _refused(code: str) -> Invalid:
    return Invalid(Fault(f"hook_{code}", "url", "a hook must be a public https address"))
