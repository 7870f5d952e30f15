"""The small delivery for Jenkins."""

from __future__ import annotations

from tests.checks.deliveries import (
    BUILD,
    PROOF,
    Flaws,
    applying,
    checks_of,
    lines,
    main_job,
    rescue,
    rollout,
    write,
)

PUSHED = ["branch 'main'", "not { triggeredBy 'TimerTrigger' }"]


def jenkins(flaws: Flaws) -> dict[str, str]:
    options = [] if "no-timeout" in flaws else ["timeout(time: 90, unit: 'MINUTES')"]
    if "overlapping" not in flaws:
        options.append("disableConcurrentBuilds()")
    text = ["pipeline {", "  agent { label 'linux' }"]
    if options:
        text += ["  options {", *lines(4, options), "  }"]
    if "no-drift" not in flaws:
        text += ["  triggers {", "    cron('H 5 * * *')", "  }"]
    text += ["  stages {"]
    reviewed = ["anyOf { branch 'main'; changeRequest() }"]
    rolled = reviewed if "from-reviews" in flaws else PUSHED

    def stage(name: str, commands: list[str], *, when: list[str] | None = None, ask: bool = False,
              failure: list[str] | None = None, ignored: bool = False, indent: int = 4) -> list[str]:  # fmt: skip
        made = [f"stage('{name}') {{"]
        if when:
            made += ["  when {", *lines(4, when), "  }"]
        if ask:
            made += ["  input {", f"    message 'Deploy to {name}?'", "  }"]
        steps = [f"sh '{command}'" for command in commands]
        if ignored:
            steps = ["catchError(buildResult: 'SUCCESS') {", *lines(2, steps), "}"]
        made += ["  steps {", *lines(4, steps), "  }"]
        if failure:
            made += ["  post {", "    failure {", *lines(6, [f"sh '{each}'" for each in failure]), "    }", "  }"]
        return lines(indent, [*made, "}"])

    for name, commands in checks_of(flaws):
        text += stage(name, commands, ignored=name == "test" and "ignored" in flaws)
    text += stage("plan", ["terraform plan -out=shop.plan"], when=reviewed)
    if "no-drift" not in flaws:
        text += stage("drift", ["terraform plan -detailed-exitcode"], when=["triggeredBy 'TimerTrigger'"])
    if "rebuilt" not in flaws:
        text += stage("package", [*BUILD, *([] if "unproven" in flaws else PROOF)], when=rolled)
    text += stage("apply to staging", applying(flaws), when=PUSHED)
    ask = not {"unapproved", "unnamed"} & flaws
    indent = 10 if "unordered" in flaws else 4
    staging = stage("staging", rollout("staging", flaws), when=rolled, indent=indent)
    production = stage(
        main_job(flaws), rollout("production", flaws), when=rolled, ask=ask,
        failure=rescue(flaws), indent=indent,
    )  # fmt: skip
    if "unordered" in flaws:
        text += ["    stage('rollout') {", "      parallel {", *staging, *production, "      }", "    }"]
    else:
        text += [*staging, *production]
    return {"Jenkinsfile": write([*text, "  }", "}"])}
