"""read → expand → link → judge → findings (DESIGN §3)."""

from linter.engine.scan import Request, Scan, scan

__all__ = ["Request", "Scan", "scan"]
