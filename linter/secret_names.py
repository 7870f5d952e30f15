"""Which names say that their value is a credential."""

from __future__ import annotations

import re
from functools import cache, lru_cache


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_TELLING = _set(
    "password passwd passphrase pwd secret secrets token tokens apikey accesskey secretkey privatekey credential "
    "credentials passwords authtoken accesstoken clientsecret apitoken apisecret"
)
_KEYS = _set("api access secret private signing encryption account auth master shared storage")
"""Words that make a key a credential: `signing_key`."""
_POINTERS = _set(
    "name names arn id ids ref refs url uri endpoint path paths file filename dir policy policies length size type ttl "
    "expiry expiration expires lifetime duration seconds minutes days period timeout enabled enable disabled required "
    "rotation version versions field header env var variable provider store stores manager class count limit budget "
    "min max hash algorithm format prefix suffix selector mount mounts volume volumes template lookup description "
    "usage namespace namespaces location source status review reviews projected list data"
)
_QUALIFIERS = _set("max min no use num number total image pull automount public has is enable disable require")


@lru_cache(maxsize=4096)
def names_secret(name: str) -> bool:
    """Whether a name calls its value a credential; names of references, limits and policies do not."""
    words = _words(name)
    if not words or words[-1] in _POINTERS or not _QUALIFIERS.isdisjoint(words[:2]):
        return False
    last = words[-1]
    if last in _TELLING or _telling_pair(words[-2:]):
        return True
    if last in ("value", "string", "text", "plaintext", "base64", "b64", "old", "new", "default") and len(words) > 1:
        return words[-2] in _TELLING or _telling_pair(words[-3:-1])
    return last.rstrip("0123456789") in _TELLING


def _telling_pair(words: list[str]) -> bool:
    return len(words) == 2 and words[1] in ("key", "keys") and words[0] in _KEYS


def names_one(value: str) -> bool:
    """Whether a word is the name of a secret kept elsewhere (`db-credentials`)."""
    words = _words(value)
    return len(words) > 1 and words[-1] in _TELLING


def _words(name: str) -> list[str]:
    return [word.lower() for word in _split().findall(name)]


@cache
def _split() -> re.Pattern[str]:
    return re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+[0-9]*|[0-9]+")


def is_path(value: str) -> bool:
    """`secret/team/ci/registry`: where a vault keeps something; credentials are no lower-case words between slashes."""
    return (
        value.count("/") >= 2
        and value.islower()
        and all(part[:1].isalpha() and part.replace("-", "").replace("_", "").isalnum() for part in value.split("/"))
    )
