"""The kinds of document, the parts each must have, and the headings teams give those parts."""

from __future__ import annotations

from collections.abc import Mapping

from linter.records import NamedTuple


class Profile(NamedTuple):
    """What a kind of document must hold.

    required: part names in the order they are read under pressure. title: how a message calls such a document.
    runbook: somebody acts by it; else it is a record of what was decided or done. synonyms: part → more headings of
    it; names: globs of file stems; folders: globs of paths (the last three are for profiles a company declares).
    """

    title: str
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    runbook: bool = True
    synonyms: Mapping[str, tuple[str, ...]] = {}
    names: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()


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
    "postmortem": Profile(
        "a post-incident report", ("impact", "timeline", "cause", "actions"), ("detection", "lessons"), runbook=False
    ),
    "release_notes": Profile("a page of release notes", (), ("changes", "upgrade", "rollback"), runbook=False),
    "architecture": Profile("a description of the architecture", ("data_flow",), ("components",), runbook=False),
    "design": Profile("a design document", ("architecture", "data_flow"), ("purpose", "components"), runbook=False),
    "security_requirements": Profile("a list of security requirements", runbook=False),
    "performance_requirements": Profile("a list of performance requirements", runbook=False),
    "deployment_specifications": Profile(
        "a deployment specification", ("deploy", "rollback"), ("environments", "verification"), runbook=False
    ),
    "test_report": Profile("a test report", ("results",), ("scope", "environments"), runbook=False),
    "infrastructure": Profile(
        "a description of infrastructure", ("compute", "network", "storage", "environments"), runbook=False
    ),
    "pipeline": Profile("a description of a pipeline", ("stages", "gates", "rollback"), runbook=False),
    "monitoring": Profile("a description of monitoring", ("metrics", "alerts", "escalation"), runbook=False),
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
    "timeline": r"timeline|chronology|sequence of events|(?:what happened|events)",
    "cause": r"(?:root |contributing |underlying )?causes?(?: analysis)?|contributing factors|trigger|why (?:did )?it happen(?:ed)?"
    r"|5 whys|five whys|rca",
    "actions": r"(?:corrective |preventive |remediation |follow-?up )?actions?(?: items?| plan)?|follow-?ups?|remediations?"
    r"|next steps|prevention|improvements",
    "detection": r"detect(?:ion|ed)|how we (?:noticed|found out)",
    "lessons": r"lessons(?: learn\w+)?|what went (?:well|wrong)|learnings",
    "changes": r"changes?|new|features?|fixes|fixed|added|changed|what's new|highlights|improvements",
    "upgrade": r"upgrad(?:e|ing)(?: \w+)?|migrat(?:e|ion|ing)(?: \w+)?|breaking changes?",
    "components": r"(?:components?|services|containers|building blocks|modules|systems?)",
    "architecture": r"architecture|system design|high-?level design|design|(?:proposed )?solution|components?",
    "data_flow": r"data[ -]?flows?|flows?(?: of (?:data|requests?|traffic))?|request (?:flow|path)|sequence(?: diagrams?)?"
    r"|how data (?:flows?|moves)|data",
    "environments": r"environments?|stages|staging|targets?",
    "compute": r"compute|servers?|instances?|clusters?|nodes?|workloads?|containers?|kubernetes|hosts?",
    "network": r"network(?:s|ing)?|vpcs?|subnets?|connectivity|dns|ingress|load balanc(?:ers?|ing)",
    "storage": r"storage|databases?|volumes?|disks?|buckets?|data(?: stores?)?|persistence|backups?",
    "stages": r"stages?|steps|jobs|phases|flow|workflow|pipeline (?:stages|steps)",
    "gates": r"(?:quality )?gates?|approvals?|checks|tests|testing|quality",
    "metrics": r"metrics?|indicators?|slis?|slos?|signals?|what (?:is|we) (?:measured?|monitor(?:ed)?)|dashboards?",
    "alerts": r"alert(?:s|ing)?|alarms?|thresholds?|notifications?",
    "results": r"(?:test )?results?|outcomes?|findings?|summary|conclusions?|verdict",
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
    "postmortem": "postmortem",
    "post-mortem": "postmortem",
    "post-incident-report": "postmortem",
    "incident-report": "postmortem",
    "release-notes": "release_notes",
    "architecture": "architecture",
    "design": "design",
    "tdd": "design",
    "technical-design": "design",
    "technical-design-document": "design",
    "security-requirements": "security_requirements",
    "performance-requirements": "performance_requirements",
    "deployment-specification": "deployment_specifications",
    "deployment-specifications": "deployment_specifications",
    "test-report": "test_report",
    "test-reports": "test_report",
    "infrastructure": "infrastructure",
    "pipeline": "pipeline",
    "monitoring": "monitoring",
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
    "postmortem": r"(?:.+-)?(?:post-?mortem|post-incident-(?:report|review)|incident-(?:report|review))(?:-.+)?",
    "release_notes": r"(?:.+-)?release-notes?(?:-.+)?",
    "architecture": r"(?:system-|software-|solution-|technical-)?architecture(?:-(?:overview|document|description))?",
    "design": r"tdd|(?:technical|system|software)-design(?:-(?:document|doc|specification))?",
    "security_requirements": r"security(?:-and-compliance)?-requirements?",
    "performance_requirements": r"performance-requirements?|non-functional-requirements?",
    "deployment_specifications": r"deployment-spec(?:ification)?s?",
    "test_report": r"(?:.+-)?test-reports?(?:-.+)?",
    "infrastructure": r"infrastructure-(?:template|requirements?|specifications?|description)",
    "pipeline": r"(?:ci-cd-)?pipeline-(?:template|requirements?|specifications?|description)",
    "monitoring": r"monitoring-(?:template|requirements?|specifications?|plan)",
}
"""Profile → file stems (lower case, separators as `-`) that name such a document wherever it lies."""
NAMING = (
    "deploy",
    "release",
    "incident",
    "disaster",
    "dr",
    "backup",
    "continuity",
    "mortem",
    "architect",
    "tdd",
    "design",
    "require",
    "report",
    "template",
    "specification",
    "description",
    "plan",
)
"""Words of which one stands in every such name."""

TEMPLATE_NAMES: Mapping[str, str] = {
    "infrastructure": "infrastructure",
    "pipeline": "pipeline",
    "monitoring": "monitoring",
    "incident-response": "incident_response",
    "deployment-checklist": "deployment_checklist",
}
"""File stem in a folder of templates → profile."""

RECORD_FOLDERS: Mapping[str, str] = {
    "incident-reports": "postmortem",
    "incident-report": "postmortem",
    "incidents": "postmortem",
    "post-mortems": "postmortem",
    "postmortems": "postmortem",
    "post-incident-reports": "postmortem",
    "release-notes": "release_notes",
    "test-reports": "test_report",
}
"""Folder (lower case, separators as `-`) → profile of every page in it."""
