"""Macros and parameters of Azure Pipelines pasted into scripts, moved into environment variables.

`echo "$(Build.SourceVersionMessage)"` becomes `echo "${BUILD_SOURCEVERSIONMESSAGE}"` with an entry in the step's `env`:
https://learn.microsoft.com/azure/devops/pipelines/process/variables. Only in scripts that Bash reads for certain.
"""

from __future__ import annotations

import re

from linter.fixes.changes import Change
from linter.fixes.mend import Mended, Site
from linter.fixes.scripts import moves_safely, variable_for
from linter.fixes.shell_places import standings
from linter.model import Map, Resource, Source
from linter.parsers.pipelines.scalars import Scalar
from linter.trees import as_map


def macros_to_environment(site: Site) -> Mended | None:
    """Move what stands at the finding's place, wherever the script has it, into a variable of the step."""
    step = site.judgement.resource
    script = step.body.get("run")
    if step.kind != "pipeline/step" or not isinstance(script, str) or step.body.get("shell") != "bash":
        return None
    text = site.written.text[slice(*site.place)]
    pieces = [
        (match.start(), match.end()) for match in re.finditer(r"\$\([A-Za-z_][\w.-]*\)|\$\{\{[^\n}]*\}\}", script)
    ]
    places = standings(script, pieces)
    scalar = Scalar(Source(0, "", site.written.text), step.body.at["run"], script)
    name = _name(text, script, step)
    changes, safe = [], True
    for (start, end), standing in zip(pieces, places, strict=True):
        if script[start:end] != text:
            continue
        moved = moves_safely(standing, script, start, end)
        if moved is None or standing is None:
            return None
        first, last, variable = variable_for(script, standing, start, end, name)
        changes.append(Change("rewrite", scalar.span(first, last)[1:], (), variable))
        safe = safe and moved
    env = step.body.get("env")
    if not changes or (env is not None and not isinstance(env, Map)):
        return None
    changes.append(Change("set", site.extent, ("env",), {name: text}))
    return Mended(tuple(changes), "Hand the value to the script in an environment variable", safe)


def _name(text: str, script: str, step: Resource) -> str:
    """A variable that nothing else of the step uses: BUILD_SOURCEBRANCH for `$(Build.SourceBranch)`."""
    words = re.sub(r"[^A-Za-z0-9]+", "_", text.strip("${}() ")).strip("_").upper()
    base = words if "_" in words else f"GIVEN_{words}"
    name, number = base, 1
    while name in script or name in as_map(step.body.get("env")):
        number += 1
        name = f"{base}_{number}"
    return name
