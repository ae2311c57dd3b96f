"""Which client a request came from, where wrong tries are counted. A leaf: imports no app."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

IPV6_SITE = 64  # bits: what one connection gets, so that its holder cannot count as many clients


def client_of(request: HttpRequest) -> str | None:
    """Return the address that a request came from, of IPv6 its first 64 bits; None where it cannot be told.

    Behind a proxy (settings.BEHIND_PROXY: exactly one, which always sets the header) it is the last address of
    X-Forwarded-For, the one that the proxy itself has added; all before it are the client's own words. Without a proxy
    the header is not looked at.
    """
    address = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        address = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip() or address
    return client_at(address)  # None for a Unix socket, for example


def client_at(address: str) -> str | None:
    """Return what stands for the client at an address: of IPv6 its first 64 bits. None for what is no address."""
    try:
        parsed = ipaddress.ip_address(address.strip())
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.IPv6Network((int(parsed), IPV6_SITE), strict=False).network_address)
    return str(parsed)
