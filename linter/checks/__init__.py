"""Generators for rules that data cannot say. A check sees the estate and yields verdicts; the engine stamps them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from linter.model import Origin, Resource, Span, Unknown
from linter.records import NamedTuple


class Verdict(NamedTuple):
    """What a check says of one resource at one place; see model.Judgement for the fields."""

    resource: Resource
    outcome: str
    message: str
    span: Span
    element: str = ""
    related: tuple[Origin, ...] = ()
    unknowns: tuple[Unknown, ...] = ()
    lowered: int = 0


Check = Callable[..., Iterator[Verdict]]

CHECKS: dict[str, str] = {
    "present_in_every_environment": "linter.checks.parity:present_in_every_environment",
    "never_weaker": "linter.checks.parity:never_weaker",
    "same_version": "linter.checks.parity:same_version",
    "same_keys": "linter.checks.parity:same_keys",
    "same_image_scheme": "linter.checks.parity:same_image_scheme",
    "delivered_paths_exist": "linter.checks.gitops:delivered_paths_exist",
    "dependencies_exist": "linter.checks.terragrunt:dependencies_exist",
    "no_secret_inputs": "linter.checks.terragrunt:no_secret_inputs",
    "chart_secrets_absent": "linter.checks.helm:chart_secrets_absent",
    "chart_images_pinned": "linter.checks.helm:chart_images_pinned",
    "chart_security_kept": "linter.checks.helm:chart_security_kept",
    "chart_resources_set": "linter.checks.helm:chart_resources_set",
    "compose_secrets_absent": "linter.checks.compose:compose_secrets_absent",
    "compose_references_resolve": "linter.checks.compose:compose_references_resolve",
    "secret_values_absent": "linter.checks.kubernetes:secret_values_absent",
    "iam_grants": "linter.checks.iam:iam_grants",
    "github_subject_bound": "linter.checks.iam:github_subject_bound",
    "iam_escalates": "linter.checks.iam:iam_escalates",
    "references_resolve": "linter.checks.kubernetes:references_resolve",
    "probe_ports_exist": "linter.checks.kubernetes:probe_ports_exist",
    "configmap_without_credentials": "linter.checks.configmaps:configmap_without_credentials",
    "component_flag": "linter.checks.components:component_flag",
    "etcd_own_authority": "linter.checks.components:etcd_own_authority",
    "served_containers_ready": "linter.checks.readiness:served_containers_ready",
    "service_ports_exist": "linter.checks.kubernetes:service_ports_exist",
    "pod_security_met": "linter.checks.pod_security:pod_security_met",
    "api_served": "linter.checks.kubernetes_versions:api_served",
    "capacity_kept": "linter.checks.rollouts:capacity_kept",
    "selector_matches_template": "linter.checks.kubernetes:selector_matches_template",
    "env_names_unique": "linter.checks.kubernetes_pods:env_names_unique",
    "budget_below_replicas": "linter.checks.kubernetes_budgets:budget_below_replicas",
    "ingress_ports_exist": "linter.checks.kubernetes_budgets:ingress_ports_exist",
    "annotation_values": "linter.checks.kubernetes_pods:annotation_values",
    "host_mounts_read_only": "linter.checks.kubernetes_pods:host_mounts_read_only",
    "deprecated_account_field": "linter.checks.kubernetes_pods:deprecated_account_field",
    "probes_differ": "linter.checks.kubernetes_pods:probes_differ",
    "startup_without_secrets": "linter.checks.machines:startup_without_secrets",
    "promql_parses": "linter.checks.alerts:promql_parses",
    "runbook_resolves": "linter.checks.alerts:runbook_resolves",
    "alert_unique": "linter.checks.alerts:alert_unique",
    "relative_links_resolve": "linter.checks.documents:relative_links_resolve",
    "no_secrets": "linter.checks.documents:no_secrets",
    "required_sections": "linter.checks.runbooks:required_sections",
    "sections_not_empty": "linter.checks.runbooks:sections_not_empty",
    "no_placeholders": "linter.checks.runbooks:no_placeholders",
    "has_commands": "linter.checks.runbooks:has_commands",
    "rollback_told": "linter.checks.runbooks:rollback_told",
    "owner_named": "linter.checks.runbook_care:owner_named",
    "recently_dated": "linter.checks.runbook_care:recently_dated",
    "escalation_named": "linter.checks.runbook_care:escalation_named",
    "dangerous_guarded": "linter.checks.runbook_commands:dangerous_guarded",
    "scripts_exist": "linter.checks.runbook_commands:scripts_exist",
    "token_permissions_set": "linter.checks.pipelines:token_permissions_set",
    "no_broad_permissions": "linter.checks.pipelines:no_broad_permissions",
    "identity_token_used": "linter.checks.pipelines:identity_token_used",
    "images_pinned": "linter.checks.pipelines:images_pinned",
    "pin_comments_agree": "linter.checks.pipelines_pins:pin_comments_agree",
    "known_vulnerable": "linter.checks.pipelines_pins:known_vulnerable",
    "no_untrusted_text_in_scripts": "linter.checks.pipelines_injection:no_untrusted_text_in_scripts",
    "no_open_expressions_in_scripts": "linter.checks.pipelines_injection:no_open_expressions_in_scripts",
    "no_untrusted_checkout": "linter.checks.pipelines_injection:no_untrusted_checkout",
    "no_unsafe_environment_write": "linter.checks.pipelines_injection:no_unsafe_environment_write",
    "no_bot_conditions": "linter.checks.pipelines_injection:no_bot_conditions",
    "no_insecure_commands": "linter.checks.pipelines_injection:no_insecure_commands",
    "no_literal_secrets": "linter.checks.pipelines_secrets:no_literal_secrets",
    "federated_login": "linter.checks.pipelines_secrets:federated_login",
    "no_persisted_credentials": "linter.checks.pipelines_secrets:no_persisted_credentials",
    "secrets_stay_home": "linter.checks.pipelines_secrets:secrets_stay_home",
    "deploy_needs_tests": "linter.checks.pipelines_delivery:deploy_needs_tests",
    "deploy_concurrency": "linter.checks.pipelines_delivery:deploy_concurrency",
    "production_environment": "linter.checks.pipelines_delivery:production_environment",
    "production_from_release": "linter.checks.pipelines_delivery:production_from_release",
    "no_ignored_failures": "linter.checks.pipelines_quality:no_ignored_failures",
    "scan_families": "linter.checks.pipelines_quality:scan_families",
    "released_with_proof": "linter.checks.pipelines_quality:released_with_proof",
    "no_caches_in_releases": "linter.checks.pipelines_caches:no_caches_in_releases",
    "paths_exist": "linter.checks.pipelines_paths:paths_exist",
    "code_scanned": "linter.checks.pipelines_infrastructure:code_scanned",
    "planned_before_applied": "linter.checks.pipelines_infrastructure:planned_before_applied",
    "roots_have_pipelines": "linter.checks.pipelines_infrastructure:roots_have_pipelines",
    "trusted_publishing": "linter.checks.pipelines_publishing:trusted_publishing",
    "access_list_closed": "linter.checks.terraform_network:access_list_closed",
    "arguments_differ": "linter.checks.terraform_aws:arguments_differ",
    "policy_states": "linter.checks.terraform_policies:policy_states",
    "backed_up": "linter.checks.terraform_backups:backed_up",
    "bucket_events_recorded": "linter.checks.terraform_aws:bucket_events_recorded",
    "stage_names_unique": "linter.checks.dockerfile:stage_names_unique",
    "only_the_last_counts": "linter.checks.dockerfile:only_the_last_counts",
    "begins_with_from": "linter.checks.dockerfile:begins_with_from",
    "env_not_self_referencing": "linter.checks.dockerfile:env_not_self_referencing",
    "copied_to_known_folder": "linter.checks.dockerfile:copied_to_known_folder",
    "values_are_no_secrets": "linter.checks.dockerfile:values_are_no_secrets",
    "arguments_are_no_secrets": "linter.checks.dockerfile:arguments_are_no_secrets",
    "secret_files_left_out": "linter.checks.dockerfile:secret_files_left_out",
    "context_is_filtered": "linter.checks.dockerfile:context_is_filtered",
    "command_options": "linter.checks.dockerfile_commands:command_options",
    "programs_absent": "linter.checks.dockerfile_commands:programs_absent",
    "downloads_not_run": "linter.checks.dockerfile_commands:downloads_not_run",
    "tls_kept": "linter.checks.dockerfile_commands:tls_kept",
    "packages_pinned": "linter.checks.dockerfile_packages:packages_pinned",
    "cache_left_out": "linter.checks.dockerfile_packages:cache_left_out",
    "updated_with_install": "linter.checks.dockerfile_packages:updated_with_install",
    "compilers_left_out": "linter.checks.dockerfile_packages:compilers_left_out",
    "pipes_fail": "linter.checks.dockerfile_shell:pipes_fail",
    "folder_not_changed": "linter.checks.dockerfile_shell:folder_not_changed",
    "one_downloader": "linter.checks.dockerfile_shell:one_downloader",
    "shell_not_linked": "linter.checks.dockerfile_shell:shell_not_linked",
    "high_ids_not_logged": "linter.checks.dockerfile_shell:high_ids_not_logged",
    "runs_joined": "linter.checks.dockerfile_shell:runs_joined",
    "archives_added": "linter.checks.dockerfile_shell:archives_added",
}
"""Check name → 'module:function', imported when a rule of the scan names it."""
