"""The kinds of runbook, the parts each must have, and the headings teams give those parts: one data table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from linter.records import NamedTuple


class Profile(NamedTuple):
    """required: part names in the order they are read under pressure. title: how a message calls such a document."""

    title: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


PROFILES: Mapping[str, Profile] = {
    "alert": Profile(
        "an alert runbook", ("meaning", "impact", "diagnosis", "mitigation"), ("escalation", "verification")
    ),
    "procedure": Profile(
        "a procedure", ("purpose", "prerequisites", "steps", "verification", "rollback"), ("escalation",)
    ),
    "recovery": Profile(
        "a recovery plan", ("scope", "prerequisites", "steps", "verification", "rto_rpo"), ("communication",)
    ),
    "incident_response": Profile(
        "an incident response procedure",
        ("roles", "severity_levels", "communication", "escalation", "evidence", "post_incident"),
    ),
    "deployment_checklist": Profile(
        "a deployment checklist", ("pre", "deploy", "verification", "rollback", "sign_off")
    ),
}

PARTS: Mapping[str, str] = {
    "meaning": r"meaning|summary|description|overview|symptoms?|background|what (?:it|this|does).*|"
    r"about(?: this alert)?",
    "impact": r"(?:\w+ )?impact|consequences?|effects?|blast radius|severity",
    "diagnosis": r"diagnos(?:is|tics?|e)|troubleshoot(?:ing)?|investigat(?:ion|e|ing)|debug(?:ging)?|triage|root cause|"
    r"(?:possible )?(?:causes|checks)|steps to check|how to check",
    "mitigation": r"mitigat(?:ion|e|ing)|resol(?:ution|ve|ving)|remed(?:y|iation|iate)|fix(?:es|ing)?|recovery|"
    r"(?:recommended |immediate )?actions?|what to do|workarounds?|solutions?",
    "escalation": r"escalat(?:ion|e|ing)|contacts?|on-?call|getting help|get help|who to (?:call|contact|page)|support",
    "verification": r"verif(?:ication|y|ying)|validat(?:ion|e|ing)|confirm(?:ation|ing)?|post-?checks?|"
    r"(?:smoke|acceptance) tests?|health checks?|post-?deploy(?:ment)?(?: \w+)?|after(?: the)? deploy(?:ment|ing)?",
    "rollback": r"roll(?:ing)?[ -]?back|revert(?:ing)?|back(?:ing)?[ -]?out|undo(?:ing)?",
    "purpose": r"purpose|overview|summary|goal|objective|introduction|description|about|when to use.*|background|scope",
    "prerequisites": r"prerequisites?|pre-?requisites?|requirements?|before you (?:begin|start)|preparations?|"
    r"needed|required (?:access|tools|permissions)|pre-?checks?|pre-?conditions?|assumptions",
    "steps": r"steps?|procedures?|instructions?|how to.*|process|runbook|tasks?|execution|"
    r"(?:restore|recovery|restoration|failover)(?: \w+)?",
    "scope": r"scope|purpose|overview|introduction|covered|systems?|applies to",
    "rto_rpo": r"rto|rpo|recovery (?:time|point) objectives?|recovery (?:targets?|objectives?)|objectives",
    "communication": r"communicat(?:ion|ions|e|ing)|notif(?:ication|ications|y)|stakeholders?|status page|"
    r"announce(?:ment)?s?",
    "roles": r"roles?|responsibilit(?:y|ies)|incident (?:commander|manager)|response team|teams?|raci",
    "severity_levels": r"severit(?:y|ies)|priorit(?:y|ies)|classification|sev ?levels?|impact levels?|triage",
    "evidence": r"evidence|forensics?|chain of custody|preserv(?:ation|e|ing).*|logs? (?:collection|retention)|"
    r"timeline",
    "post_incident": r"post-?incident(?: \w+)?|post-?mortems?|retrospectives?|lessons(?: learn\w+)?|"
    r"after(?:-| )action.*|incident review|follow-?ups?|review",
    "pre": r"pre-?deploy(?:ment)?(?: \w+)?|before(?: \w+)? deploy(?:ment|ing)?|before|preparations?|pre-?checks?|"
    r"pre-?flight|prerequisites?|pre-?release",
    "deploy": r"deploy(?:ment|ing)?|during(?: \w+)? deploy(?:ment)?|release|rollout|roll out|execution|steps",
    "sign_off": r"sign-?(?: )?offs?|approvals?|approved by|approvers?|go/no-go|authori[sz]ation",
}
"""Part → the wording that heads it, as whole words of a heading."""

DECLARED: Mapping[str, str] = {
    "alert": "alert",
    "procedure": "procedure",
    "recovery": "recovery",
    "disaster-recovery": "recovery",
    "incident-response": "incident_response",
    "checklist": "deployment_checklist",
    "deployment-checklist": "deployment_checklist",
    "runbook": "",
    "playbook": "",
}
"""Front matter `type` (lower case, `_` as `-`) → profile; '' says runbook and leaves the profile to other signs."""

NAMED: Mapping[str, str] = {
    "deployment_checklist": r"(?:deploy(?:ment)?|release)-(?:check-?list|checks)(?:-.*)?|.+-deploy(?:ment)?-checklist",
    "incident_response": r"incident-(?:response|management|handling)"
    r"(?:-(?:plan|procedures?|process|runbook|playbook|guide))?",
    "recovery": r"(?:disaster-recovery|dr|backup-and-restore|business-continuity)-"
    r"(?:plan|runbook|procedures?|playbook)|disaster-recovery",
}
"""Profile → file stems (lower case, separators as `-`) that name such a document wherever it lies."""
_NAMING = ("deploy", "release", "incident", "disaster", "dr", "backup", "continuity")
"""Words of which one stands in every such name."""

FOLDERS = ("operations_runbooks", "runbooks", "playbooks", "alerts")
EXCLUDED_FOLDERS = frozenset(
    {"helpers", "includes", "_includes", "partials", "_partials", "templates", "_templates", "archetypes", "snippets"}
)
EXCLUDED_STEMS = frozenset({"readme", "_index", "template", "_template", "contributing", "changelog", "summary"})


@cache
def _heading(part: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    within = re.compile(rf"(?:^|[\s/&,:(-])(?:{PARTS[part]})(?=$|[\s/&,:;.?!)-])")
    return within, re.compile(rf"[\W\d_]*(?:{PARTS[part]})[\W_]*")


def heading_names(title: str, part: str) -> bool:
    """Whether a heading announces a part: `How to verify the fix` announces verification."""
    return len(title) <= 200 and _heading(part)[0].search(title.strip().lower()) is not None


def heading_is(title: str, part: str) -> bool:
    """Whether a heading says a part's name and nothing else but a number or punctuation: `3. Verification:`."""
    return len(title) <= 200 and _heading(part)[1].fullmatch(title.strip().lower()) is not None


def likeliest(titles: Iterable[str]) -> str:
    """The profile most of whose required parts (more than half) these headings announce, or ''."""
    best, best_share = "", 0.5
    listed = list(titles)
    for name, profile in PROFILES.items():
        found = sum(any(heading_names(title, part) for title in listed) for part in profile.required)
        share = found / len(profile.required)
        if share > best_share:
            best, best_share = name, share
    return best


def named(stem: str) -> str:
    """The profile a file's name declares, or ''."""
    plain = stem.strip().lower()
    if not any(word in plain for word in _NAMING):
        return ""
    plain = re.sub(r"[\s_.-]+", "-", plain)
    return next((profile for profile, pattern in NAMED.items() if re.fullmatch(pattern, plain)), "")


def is_entry(path: str) -> bool:
    """Whether a page of a runbook folder is a runbook, and no index, template or fragment."""
    *folders, name = path.lower().split("/")
    stem = name.rsplit(".", 1)[0]
    if stem in EXCLUDED_STEMS or EXCLUDED_FOLDERS.intersection(folders):
        return False
    return stem != "index" or not (not folders or folders[-1] in FOLDERS)


def in_runbook_folder(path: str) -> bool:
    """Whether a page lies below a folder that is called one of runbooks."""
    return any(folder in FOLDERS for folder in path.lower().split("/")[:-1])
