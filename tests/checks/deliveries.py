"""One small delivery as a person would write it for each of four systems, and what may be wrong with it.

Tests, scans and a plan run on proposed changes; what is merged is built once, tried in staging, held for a person and
rolled out to production with a way back. Each flaw is left out or put in at the place where the system has its word.
"""

from __future__ import annotations

FLAWS = (
    "untested", "unscanned", "from-reviews", "unapproved", "unordered", "rebuilt", "no-way-back", "migrated-late",
    "no-backup", "replanned", "no-smoke", "no-notice", "no-timeout", "overlapping", "unproven", "ignored", "no-drift",
    "unnamed",
)  # fmt: skip

Flaws = frozenset[str]
SHOP = "registry.example/shop"
BUILD = [f"docker build -t {SHOP}:$VERSION .", f"docker push {SHOP}:$VERSION"]
PROOF = [f"syft {SHOP}:$VERSION -o spdx-json=sbom.json", f"cosign sign --yes {SHOP}:$VERSION"]
SCANS = ["gitleaks detect", "checkov -d infra"]
UNDO = "kubectl rollout undo deployment/web"
NOTICE = 'curl --fail -d "not deployed" "$TEAM_WEBHOOK"'


def applying(flaws: Flaws) -> list[str]:
    return ["terraform apply -auto-approve" if "replanned" in flaws else "terraform apply -input=false shop.plan"]


def rollout(environment: str, flaws: Flaws) -> list[str]:
    """The commands that deploy to an environment."""
    deploy = [f"kubectl --context {environment} set image deployment/web web={SHOP}:$VERSION"]
    if "unnamed" in flaws and environment == "production":
        deploy = [f"kubectl set image deployment/web web={SHOP}:$VERSION"]
    if "rebuilt" in flaws:
        deploy = [*BUILD, *PROOF, *deploy]
    if environment == "production":
        backup = [] if "no-backup" in flaws else ["pg_dump shop > before.sql"]
        migration = [*backup, "flyway migrate"]
        deploy = [*deploy, *migration] if "migrated-late" in flaws else [*migration, *deploy]
    if "no-smoke" not in flaws:
        deploy += ["kubectl rollout status deployment/web", "curl --fail https://shop.example/healthz"]
    return deploy


def rescue(flaws: Flaws) -> list[str]:
    """What runs where the rollout to production failed."""
    undo = [] if "no-way-back" in flaws else [UNDO]
    return undo if "no-notice" in flaws else [*undo, NOTICE]


def main_job(flaws: Flaws) -> str:
    return "ship" if "unnamed" in flaws else "production"


def needed(flaws: Flaws) -> list[str]:
    """The jobs that production waits for."""
    before = [] if "rebuilt" in flaws else ["package"]
    if "from-reviews" not in flaws:
        before.append("apply")
    return before if "unordered" in flaws else [*before, "staging"]


def checks_of(flaws: Flaws) -> list[tuple[str, list[str]]]:
    """The jobs that judge a proposed change."""
    tests = [] if "untested" in flaws else [("test", ["npm test"])]
    return tests if "unscanned" in flaws else [*tests, ("scan", SCANS)]


def lines(indent: int, texts: list[str]) -> list[str]:
    return [" " * indent + text for text in texts]


def write(text: list[str]) -> str:
    return "\n".join(text) + "\n"
