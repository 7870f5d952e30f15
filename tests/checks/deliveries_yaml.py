"""The small delivery for GitHub Actions, GitLab CI and Azure Pipelines."""

from __future__ import annotations

from tests.checks.deliveries import (
    BUILD,
    PROOF,
    Flaws,
    applying,
    checks_of,
    lines,
    main_job,
    needed,
    rescue,
    rollout,
    write,
)


def quoted(command: str) -> str:
    return "'" + command.replace("'", "''") + "'"


def github(flaws: Flaws) -> dict[str, str]:
    pushed = "github.event_name == 'push'"
    rolled = "github.event_name != 'schedule'" if "from-reviews" in flaws else pushed
    text = ["name: delivery", "on:", "  pull_request:", "  push:", "    branches: [main]"]
    if "no-drift" not in flaws:
        text += ["  schedule:", '    - cron: "17 5 * * *"']
    text += ["jobs:"]

    def job(name: str, commands: list[str], *, when: str = "", needs: list[str] | None = None, env: str = "",
            failure: list[str] | None = None, locked: bool = False, ignored: bool = False,
            plan: str = "") -> None:  # fmt: skip
        text.extend([f"  {name}:", "    runs-on: ubuntu-24.04"])
        if needs:
            text.append(f"    needs: [{', '.join(needs)}]")
        if when:
            text.append(f"    if: {when}")
        if "no-timeout" not in flaws:
            text.append("    timeout-minutes: 30")
        if env:
            text.append(f"    environment: {env}")
        if locked and "overlapping" not in flaws:
            text.append(f"    concurrency: deploy-{name}")
        text.append("    steps:")
        if plan == "down":
            text.extend(lines(6, ["- uses: actions/download-artifact@v4", "  with: {name: plan}"]))
        for command in commands:
            text.append(f"      - run: {quoted(command)}")
            if ignored:
                text.append("        continue-on-error: true")
        if plan == "up":
            text.extend(lines(6, ["- uses: actions/upload-artifact@v4", "  with: {name: plan, path: shop.plan}"]))
        for command in failure or []:
            text.extend(lines(6, [f"- run: {quoted(command)}", "  if: failure()"]))

    names = [name for name, _ in checks_of(flaws)]
    for name, commands in checks_of(flaws):
        job(name, commands, ignored=name == "test" and "ignored" in flaws)
    job("plan", ["terraform plan -out=shop.plan"], when="github.event_name != 'schedule'", plan="up")
    if "no-drift" not in flaws:
        job("drift", ["terraform plan -detailed-exitcode"], when="github.event_name == 'schedule'")
    if "rebuilt" not in flaws:
        job("package", [*BUILD, *([] if "unproven" in flaws else PROOF)], when=rolled, needs=names)
    job("apply", applying(flaws), when=pushed, needs=[*names, "plan"], env="staging", locked=True, plan="down")
    before = ["package"] if "rebuilt" not in flaws else ["apply"]
    job("staging", rollout("staging", flaws), when=rolled, needs=before, env="staging", locked=True)
    env = "" if {"unapproved", "unnamed"} & flaws else "production"
    job(main_job(flaws), rollout("production", flaws), when=rolled, needs=needed(flaws), env=env,
        failure=rescue(flaws), locked=True)  # fmt: skip
    return {".github/workflows/delivery.yml": write(text)}


def gitlab(flaws: Flaws) -> dict[str, str]:
    text = ["stages: [check, build, staging, production]"]
    if {"unordered", "unnamed"} & flaws:
        text = ["stages: [check, build, staging, rollout]"]
    text += ["workflow:", "  rules:", '    - if: $CI_PIPELINE_SOURCE == "merge_request_event"']
    text += ['    - if: $CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_BRANCH == "main"']
    if "no-drift" not in flaws:
        text += ['    - if: $CI_PIPELINE_SOURCE == "schedule"']

    def job(name: str, stage: str, commands: list[str], *, rule: str = "", env: str = "", manual: bool = False,
            locked: bool = False, ignored: bool = False, kept: str = "", failure: bool = False) -> None:  # fmt: skip
        text.extend([f"{name}:", f"  stage: {stage}"])
        if failure:
            text.append("  when: on_failure")
        if rule:
            text.extend(["  rules:", f"    - if: {rule}", *(["      when: manual"] if manual else [])])
        text.append("  timeout: " + ("6 hours" if "no-timeout" in flaws else "30 minutes"))
        if env:
            text.append(f"  environment: {env}")
        if locked and "overlapping" not in flaws:
            text.append(f"  resource_group: {name}")
        if ignored:
            text.append("  allow_failure: true")
        text.extend(["  script:", *(f"    - {quoted(command)}" for command in commands)])
        if kept:
            text.extend(["  artifacts:", f"    paths: [{kept}]"])

    pushed = '$CI_COMMIT_BRANCH == "main" && $CI_PIPELINE_SOURCE == "push"'
    rolled = '$CI_PIPELINE_SOURCE != "schedule"' if "from-reviews" in flaws else pushed
    for name, commands in checks_of(flaws):
        job(name, "check", commands, ignored=name == "test" and "ignored" in flaws)
    job("plan", "check", ["terraform plan -out=shop.plan"], rule='$CI_PIPELINE_SOURCE != "schedule"', kept="shop.plan")
    if "no-drift" not in flaws:
        job("drift", "check", ["terraform plan -detailed-exitcode"], rule='$CI_PIPELINE_SOURCE == "schedule"')
    if "rebuilt" not in flaws:
        job("package", "build", [*BUILD, *([] if "unproven" in flaws else PROOF)], rule=rolled)
    job("apply", "build", applying(flaws), rule=pushed, env="staging", locked=True)
    late = "rollout" if {"unordered", "unnamed"} & flaws else ""
    job(
        "staging",
        "rollout" if "unordered" in flaws else "staging",
        rollout("staging", flaws),
        rule=rolled,
        env="staging",
        locked=True,
    )
    bare = bool({"unapproved", "unnamed"} & flaws)
    job(main_job(flaws), late or "production", rollout("production", flaws), locked=True, manual=not bare,
        rule=rolled, env="" if bare else "production")  # fmt: skip
    if rescue(flaws):
        job("rescue", ".post", rescue(flaws), failure=True)
    return {".gitlab-ci.yml": write(text)}


def azure(flaws: Flaws) -> dict[str, str]:
    text = [] if "overlapping" in flaws else ["lockBehavior: sequential"]
    text += ["trigger: [main]", "pr: [main]"]
    if "no-drift" not in flaws:
        text += ["schedules:", '  - cron: "17 5 * * *"', "    branches:", "      include: [main]"]
    text += ["jobs:"]

    def job(name: str, commands: list[str], *, when: str = "", needs: list[str] | None = None, env: str = "",
            failure: list[str] | None = None, ignored: bool = False, plan: str = "") -> None:  # fmt: skip
        text.append(f"  - {'deployment' if env else 'job'}: {name}")
        if needs:
            text.append(f"    dependsOn: [{', '.join(needs)}]")
        if when:
            text.append(f"    condition: and(succeeded(), {when})")
        text.append(f"    timeoutInMinutes: {0 if 'no-timeout' in flaws else 30}")
        if env:
            text.append(f"    environment: {env}")
        steps = ["- download: current", "  artifact: plan"] if plan == "down" else []
        for command in commands:
            steps += [f"- script: {quoted(command)}", *(["  continueOnError: true"] if ignored else [])]
        if plan == "up":
            steps += ["- publish: shop.plan", "  artifact: plan"]
        rescuing = [f"- script: {quoted(command)}" for command in failure or []]
        if env:
            text.extend(["    strategy:", "      runOnce:", "        deploy:", "          steps:", *lines(12, steps)])
            if rescuing:
                text.extend(["        on:", "          failure:", "            steps:", *lines(14, rescuing)])
        else:
            after = [part for each in rescuing for part in (each, "  condition: failed()")]
            text.extend(["    steps:", *lines(6, [*steps, *after])])

    pushed = "in(variables['Build.Reason'], 'IndividualCI', 'BatchedCI')"
    rolled = "ne(variables['Build.Reason'], 'Schedule')" if "from-reviews" in flaws else pushed
    names = [name for name, _ in checks_of(flaws)]
    for name, commands in checks_of(flaws):
        job(name, commands, ignored=name == "test" and "ignored" in flaws)
    job("plan", ["terraform plan -out=shop.plan"], when="ne(variables['Build.Reason'], 'Schedule')", plan="up")
    if "no-drift" not in flaws:
        job("drift", ["terraform plan -detailed-exitcode"], when="eq(variables['Build.Reason'], 'Schedule')")
    if "rebuilt" not in flaws:
        job("package", [*BUILD, *([] if "unproven" in flaws else PROOF)], when=rolled, needs=names)
    job("apply", applying(flaws), when=pushed, needs=[*names, "plan"], env="staging", plan="down")
    before = ["package"] if "rebuilt" not in flaws else ["apply"]
    job("staging", rollout("staging", flaws), when=rolled, needs=before, env="staging")
    env = "" if {"unapproved", "unnamed"} & flaws else "production"
    job(main_job(flaws), rollout("production", flaws), when=rolled, needs=needed(flaws), env=env,
        failure=rescue(flaws))  # fmt: skip
    return {"azure-pipelines.yml": write(text)}
