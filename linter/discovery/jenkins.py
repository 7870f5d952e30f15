"""Which files are pipelines of Jenkins: by name, and Groovy of any name by what stands in it."""

from __future__ import annotations


def has_pipeline(data: bytes) -> bool:
    """Whether Groovy has a `pipeline` block at its top, or in the method a shared library gives a step by: `call`."""
    import re

    return re.search(rb"(?m)^pipeline[ \t]{0,20}(?:\r?\n[ \t]{0,200}){0,3}\{", data) is not None or (
        re.search(rb"(?m)^[ \t]{0,200}def[ \t]{1,20}call[ \t]{0,20}\(", data) is not None
        and re.search(rb"(?m)^[ \t]{0,200}pipeline[ \t]{0,20}\{", data) is not None
    )


def is_jenkinsfile(name: str, no_files: tuple[str, ...]) -> bool:
    """Whether a project would be pointed at a file of this name: `Jenkinsfile`, `Jenkinsfile.release`, `ci.jenkinsfile`.

    no_files: ends of the names of programs and pages about files.
    """
    low = name.lower()
    if low.endswith(no_files):
        return False
    return (name.startswith("Jenkinsfile") and not name[11:12].isalnum()) or low.endswith(".jenkinsfile")


CONTROLLER = (b"numExecutors", b"securityRealm", b"authorizationStrategy", b"agentProtocols", b"crumbIssuer")
"""Keys of `jenkins` in Jenkins' configuration as code that nothing else has."""
