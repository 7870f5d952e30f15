"""Which files are load tests, by what they are called."""

from __future__ import annotations


def is_load_test(name: str) -> bool:
    """Whether a file is called like a script of k6, Locust, JMeter or Gatling."""
    stem, _, suffix = name.lower().rpartition(".")
    if suffix in ("js", "mjs", "ts"):
        words = stem.replace("-", ".").replace("_", ".").split(".")
        return "k6" in words or "loadtest" in words or ("load" in words and "test" in words)
    if suffix == "py":
        return stem.startswith("locustfile")
    return suffix == "jmx" or (suffix in ("scala", "java", "kt") and stem.endswith("simulation"))
