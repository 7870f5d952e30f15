"""Terraform's functions on IP networks."""

from __future__ import annotations

import ipaddress
from typing import Any

from linter.model import Span, Unknown
from linter.parsers.terraform.arguments import Function, large, text, whole
from linter.parsers.terraform.values import STRING, Stop, Wrong, listed

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _network(value: Any) -> Network:
    written = text(value)
    if "/" not in written or len(written) > 100:
        raise Wrong(f"{written[:60]!r} is no network in CIDR notation")
    address, _, length = written.partition("/")
    if "%" in address or not (length.isascii() and length.isdigit()):
        raise Wrong(f"{written[:60]!r} is no network in CIDR notation")
    if ":" not in address:
        address = ".".join(part.lstrip("0") or part[:1] for part in address.split("."))
    try:
        network = ipaddress.ip_network(f"{address}/{int(length)}", strict=False)
    except ValueError:
        raise Wrong(f"{written[:60]!r} is no network in CIDR notation") from None
    if network.version == 6 and int(network.network_address) >> 32 == 0xFFFF:
        raise Stop(Unknown("function", "an IPv4-mapped network", "write it as an IPv4 network"))
    return network


def _host(args: list[Any], span: Span) -> str:
    network, number = _network(args[0]), large(args[1])
    size = network.num_addresses
    if not -size <= number < size:
        raise Wrong("the network has no such host")
    address = int(network.network_address) + (number if number >= 0 else size + number)
    return str(type(network.network_address)(address))


def _netmask(args: list[Any], span: Span) -> str:
    network = _network(args[0])
    if network.version == 6:
        raise Wrong("IPv6 networks have no netmask")
    return str(network.netmask)


def _subnet(network: Network, bits: int, number: int) -> str:
    length = network.prefixlen + bits
    if not 0 <= length <= network.max_prefixlen or (bits < 0 and number):
        raise Wrong("the network is too small for such a subnet")
    if number >= 2 ** max(bits, 0) or number.bit_length() > network.max_prefixlen:
        raise Wrong("the network has no such subnet")
    # A negative number does not count from the end: Terraform joins its bits with the address and drops the sign.
    address = abs(int(network.network_address) | (number << (network.max_prefixlen - length)))
    if address.bit_length() > network.max_prefixlen:
        raise Wrong("the network has no such subnet")
    return f"{type(network.network_address)(address)}/{length}"


def _cidrsubnet(args: list[Any], span: Span) -> str:
    return _subnet(_network(args[0]), whole(args[1]), large(args[2]))


def _cidrsubnets(args: list[Any], span: Span) -> Any:
    """Consecutive subnets, each aligned to its own size."""
    network = _network(args[0])
    position = int(network.network_address)
    end = position + network.num_addresses
    if not position and len(args) > 1:
        # What Terraform starts from is the network before the first one.
        raise Wrong("there is no network before this one")
    found: list[str] = []
    for arg in args[1:]:
        bits = whole(arg)
        length = network.prefixlen + bits
        if bits < 1 or bits > 32 or length > network.max_prefixlen:
            raise Wrong("cidrsubnets cannot extend the prefix by that much")
        size = 1 << (network.max_prefixlen - length)
        position = -(-position // size) * size
        if position + size > end:
            raise Wrong("the network has no room for that subnet")
        found.append(f"{type(network.network_address)(position)}/{length}")
        position += size
    return listed(found, STRING, span)


def _contains(args: list[Any], span: Span) -> bool:
    """OpenTofu's: whether an address or a network lies within a network."""
    network, written = _network(args[0]), text(args[1])
    other = _network(written if "/" in written else f"{written}/{128 if ':' in written else 32}")
    if network.version != other.version:
        raise Wrong("an IPv4 and an IPv6 network")
    first, last = int(network.network_address), int(network.broadcast_address)
    return first <= int(other.network_address) and int(other.broadcast_address) <= last


FUNCTIONS: dict[str, Function] = {
    "cidrcontains": Function(_contains, "bool", 2, 2),
    "cidrhost": Function(_host, "string", 2, 2),
    "cidrnetmask": Function(_netmask, "string", 1, 1),
    "cidrsubnet": Function(_cidrsubnet, "string", 3, 3),
    "cidrsubnets": Function(_cidrsubnets, "list", 1, -1),
}
