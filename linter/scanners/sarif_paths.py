"""Where the artifacts of a SARIF log lie below the root of the scanned tree.

Encodes §3.4 (artifact locations) and §3.14.14 (`originalUriBaseIds`) of SARIF 2.1.0. Which folder a log is relative to is
not said in it for certain: an absolute path below our root is the file there, and one below the base that a log resolves
its relative paths with is that path below our root, wherever the tool was run.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

_STEPS = 10
_LONGEST = 4096
_NOWHERE = "/\0/"


class Paths:
    """The artifact locations of one run. root: the scanned tree's absolute path, '' where it is not known."""

    def __init__(self, run: Mapping[str, Any], root: str) -> None:
        bases = run.get("originalUriBaseIds")
        self._bases: Mapping[str, Any] = bases if isinstance(bases, dict) else {}
        artifacts = run.get("artifacts")
        self._artifacts: list[Any] = artifacts if isinstance(artifacts, list) else []
        below = root.strip("/") + "/"
        # Checkov, given an absolute folder, writes its absolute paths without their first slash.
        self._roots = [f"/{below}", below] if len(below) > 1 else []
        for id in self._bases:
            _, top = self._resolved({"uri": "", "uriBaseId": id})
            if top:
                self._roots.append(top)

    def of(self, location: Mapping[str, Any]) -> tuple[str, str]:
        """(path below the root, the location as it is written); the path is '' where it lies elsewhere."""
        if "uri" not in location:
            location = self._listed(location.get("index"))
        written = location.get("uri")
        if not isinstance(written, str) or not written or len(written) > _LONGEST:
            return "", str(written or "")[:200]
        path, _ = self._resolved(location)
        for top in self._roots:
            if path.startswith(top):
                path = path[len(top) :]
                break
        path = posixpath.normpath(path)
        outside = path.startswith(("/", "../")) or path in ("..", ".") or "\0" in path
        return "" if outside else path, written[:200]

    def _listed(self, index: Any) -> Mapping[str, Any]:
        """The location of an artifact that a result names by its index."""
        if isinstance(index, int) and 0 <= index < len(self._artifacts) and isinstance(self._artifacts[index], dict):
            location = self._artifacts[index].get("location")
            return location if isinstance(location, dict) else {}
        return {}

    def _resolved(self, location: Mapping[str, Any]) -> tuple[str, str]:
        """A path, absolute where the bases say so, and the absolute folder its last base stands for, else ''."""
        path = _plain(location.get("uri"))
        for _ in range(_STEPS):
            above = self._bases.get(str(location.get("uriBaseId")))
            if path.startswith("/") or not isinstance(above, dict):
                break
            location, folder = above, _plain(above.get("uri"))
            folder += "" if not folder or folder.endswith("/") else "/"
            path = folder + path
            if folder.startswith("/") and folder != "/":
                return path, folder
        return path, ""


def _plain(uri: Any) -> str:
    """The path of a URI: of `file://` and of none; one of another scheme stands below a folder that no file has."""
    if not isinstance(uri, str):
        return ""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return _NOWHERE
    if parts.scheme == "file" or not (parts.scheme or parts.netloc):
        return unquote(parts.path)
    return _NOWHERE + uri
