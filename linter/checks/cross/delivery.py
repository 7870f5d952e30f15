"""What pipelines and load balancers take for granted of the infrastructure code beside them: secrets and ports."""

from __future__ import annotations

from collections.abc import Iterator

from linter.checks import Verdict
from linter.checks.cross.common import found, lacking, place_of, same_place, step_into, unsure
from linter.conditions.operators import number
from linter.model import FAIL, Estate, Origin, Resource, Seq, Span, Unknown
from linter.text import safe_line
from linter.trees import at_path, maps

_DECLARING = ("github_actions_secret", "github_actions_organization_secret", "github_actions_environment_secret")
_GROUPS = ("terraform/aws_lb_target_group", "terraform/aws_alb_target_group")
_FIRST_NODE_PORT, _LAST_NODE_PORT = 30000, 32767
"""The ports a cluster gives to Services of type NodePort where nothing else is configured (Kubernetes, "Service")."""


def pipeline_secrets_declared(estate: Estate) -> Iterator[Verdict]:
    """Where the secrets of GitHub's workflows are declared as Terraform, every one that a workflow uses is.

    That they are is seen by one that is both used and declared. A secret that a caller hands over (`workflow_call`) is
    its caller's, and GITHUB_TOKEN everybody's. A page that names a secret declares it, too: some are set by hand.
    """
    declared: dict[str, Resource] = {}
    open_: Unknown | None = None
    for kind in _DECLARING:
        for each in estate.of_kind(f"terraform/{kind}"):
            name = each.body.get("secret_name")
            if isinstance(name, str):
                declared.setdefault(name.upper(), each)
            elif isinstance(name, Unknown):
                open_ = open_ if open_ is not None else name
    used = list(_used(estate)) if declared else []
    if not any(name in declared for name, _, _ in used):
        return
    source = next(iter(declared.values()))
    for name, job, span in used:
        shown = safe_line(name, 80)
        if name in declared:
            there = (Origin("it is declared here", declared[name].anchor),)
            yield found(job, f"{declared[name].address} declares {shown}.", span, name)._replace(related=there)
        elif page := _page_naming(estate, name):
            there = (Origin("it is described here", page.anchor),)
            yield found(job, f"{safe_line(page.address, 80)} speaks of {shown}.", span, name)._replace(related=there)
        elif open_ is not None:
            yield unsure(job, f"Whether {shown} is declared is unknown: {open_.subject}.", open_, span, name)
        else:
            there = (Origin("secrets are declared here", source.anchor),)
            message = f"The secret {shown} is used, and nothing here declares it"
            yield lacking(estate, job, message, span, name)._replace(related=there)


def _used(estate: Estate) -> Iterator[tuple[str, Resource, Span]]:
    """(name, job, place) of every secret of a workflow, once for each job."""
    for job in estate.of_kind("pipeline/job"):
        pipeline = job.context.get("pipeline")
        if pipeline is None or pipeline.get("platform") != "github":
            continue
        given = {
            str(name).upper()
            for trigger in maps(pipeline.get("triggers"))
            if trigger.get("event") == "workflow_call"
            for name in trigger.get("secrets") or ()
        }
        credentials = job.body.get("credentials")
        seen = {"GITHUB_TOKEN"} | given
        if not isinstance(credentials, Seq):
            continue
        for index, each in enumerate(credentials):
            name = each.get("name")
            if each.get("kind") == "secret" and isinstance(name, str) and name not in seen and name.isidentifier():
                seen.add(name)
                source, _, _, start, end = credentials.at[index]
                yield name, job, (source, start, end)


def _page_naming(estate: Estate, name: str) -> Resource | None:
    for kind in ("document/page", "document/runbook", "document/record"):
        for page in estate.of_kind(kind):
            source, start, end = page.extent
            if name in estate.sources[source].text[start:end]:
                return page
    return None


def target_ports_served(estate: Estate) -> Iterator[Verdict]:
    """What load balancers send requests to listens there: a target group's port is the nodePort of some Service, and a
    container of an ECS task has the port its service is registered with.

    A target group is judged where it has a port of the range for nodePorts and a Service here has one, too.
    """
    yield from _node_ports(estate)
    for service in estate.of_kind("terraform/aws_ecs_service"):
        tasks = [
            link.target
            for link in estate.outgoing.get(id(service), ())
            if link.path.startswith("task_definition") and link.target.kind == "terraform/aws_ecs_task_definition"
        ]
        for block in maps(service.body.get("load_balancer")):
            for task in tasks[:1]:
                yield from _task_port(estate, service, block, task)


def _node_ports(estate: Estate) -> Iterator[Verdict]:
    groups = [(group, group.body.get("port")) for kind in _GROUPS for group in estate.of_kind(kind)]
    fixed: dict[int, Resource] = {}
    free: Resource | None = None
    for service in estate.of_kind("kubernetes/Service") if groups else ():
        type_ = at_path(service.body, ("spec", "type"))
        if isinstance(type_, Unknown):
            free = free or service
            continue
        if type_ not in ("NodePort", "LoadBalancer"):
            continue
        for each in maps(at_path(service.body, ("spec", "ports"))):
            written = each.get("nodePort")
            if isinstance(written, int):
                fixed.setdefault(written, service)
            else:
                free = free or service
    for group, port in groups:
        value = number(port)
        if not fixed or value is None or not _FIRST_NODE_PORT <= value <= _LAST_NODE_PORT:
            continue
        span = place_of(group.body, "port", group.anchor)
        if value in fixed:
            service = fixed[int(value)]
            where = (Origin("the Service is here", service.anchor),)
            yield found(group, f"{service.address} listens at {value:g}.", span)._replace(related=where)
        elif free is not None:
            unknown = Unknown("run-time", f"the node port of {free.address}", "write `nodePort` in the Service")
            yield unsure(group, f"Whether a Service listens at {value:g} is unknown: {unknown.subject}.", unknown, span)
        else:
            there = tuple(Origin(f"this Service has {each}", fixed[each].anchor) for each in sorted(fixed)[:3])
            yield lacking(estate, group, f"No Service here listens at {value:g}", span)._replace(related=there)


def _task_port(estate: Estate, service: Resource, block: object, task: Resource) -> Iterator[Verdict]:
    """AWS refuses a service whose container does not expose the port (API reference of ECS, LoadBalancer)."""
    wanted, port = step_into(block, "container_name"), number(step_into(block, "container_port"))
    span = place_of(block, "container_port", service.anchor)
    containers = [
        each for each in estate.of_kind("terraform/document") if each.owner is task and same_place(each, service)
    ]
    if not isinstance(wanted, str) or port is None or not containers:
        return
    if any(isinstance(each.body.get(key), Unknown) for each in containers for key in ("name", "portMappings")):
        return
    named = [each for each in containers if each.body.get("name") == wanted]
    if not named:
        message = f"{task.address} has no container {safe_line(wanted, 80)}."
        yield Verdict(service, FAIL, message, place_of(block, "container_name", span), wanted, (_here(task),))
        return
    ports = [mapping.get("containerPort") for each in named for mapping in maps(each.body.get("portMappings"))]
    if any(isinstance(each, Unknown) for each in ports):
        return
    if port in map(number, ports):
        yield found(service, f"The container {wanted} listens at {port:g}.", span, wanted)
    else:
        message = f"The container {safe_line(wanted, 80)} of {task.address} does not expose the port {port:g}."
        yield Verdict(service, FAIL, message, span, wanted, (Origin("the container is here", named[0].anchor),))


def _here(task: Resource) -> Origin:
    return Origin("the task is here", task.anchor)
