"""Well-known actions: what they take, need and give, and which of their versions GitHub no longer runs.

Facts of the actions' published metadata as of 2026-09, most of them read out of what actionlint 1.7 reports of workflows that
use these actions; inputs and outputs are those of all versions that still run. A version newer than `newest` may have
others.
"""

from __future__ import annotations

from linter.records import NamedTuple


class Action(NamedTuple):
    """newest: the newest major version known. oldest: the oldest that runs on a runtime that GitHub still has.

    inputs, outputs: names, "*" for any; required: inputs that each version needs; deprecated: `name>instead@since`.
    """

    newest: int
    oldest: int
    inputs: str
    required: str = ""
    outputs: str = ""
    deprecated: str = ""


ACTIONS: dict[str, Action] = {
    "actions/attest-build-provenance": Action(
        4, 1,
        "create-storage-record github-token predicate predicate-path predicate-type push-to-registry show-summary "
        "subject-checksums subject-digest subject-name subject-path",
        outputs="attestation-id attestation-url bundle-path storage-record-ids",
    ),
    "actions/cache": Action(
        5, 4,
        "enableCrossOsArchive fail-on-cache-miss key lookup-only path restore-keys save-always upload-chunk-size",
        required="key path",
        outputs="cache-hit",
        deprecated="save-always>@4",
    ),
    "actions/cache/restore": Action(
        5, 1,
        "enableCrossOsArchive fail-on-cache-miss key lookup-only path restore-keys",
        required="key path",
        outputs="cache-hit cache-matched-key cache-primary-key",
    ),
    "actions/cache/save": Action(5, 1, "enableCrossOsArchive key path upload-chunk-size", required="key path"),
    "actions/checkout": Action(
        6, 4,
        "clean fetch-depth fetch-tags filter github-server-url lfs path persist-credentials ref repository "
        "set-safe-directory show-progress sparse-checkout sparse-checkout-cone-mode ssh-key ssh-known-hosts "
        "ssh-strict ssh-user submodules token",
        outputs="commit ref",
    ),
    "actions/dependency-review-action": Action(
        4, 4,
        "allow-dependencies-licenses allow-ghsas allow-licenses base-ref comment-summary-in-pr config-file "
        "deny-groups deny-licenses deny-packages external-repo-token fail-on-scopes fail-on-severity head-ref "
        "license-check repo-token retry-on-snapshot-warnings retry-on-snapshot-warnings-timeout "
        "show-openssf-scorecard show-patched-versions vulnerability-check warn-on-openssf-scorecard-level warn-only",
        outputs="comment-content denied-changes dependency-changes invalid-license-changes vulnerable-changes",
    ),
    "actions/deploy-pages": Action(
        5, 3,
        "artifact_name error_count preview reporting_interval timeout token",
        outputs="page_url",
    ),
    "actions/download-artifact": Action(
        8, 4,
        "artifact-ids digest-mismatch github-token merge-multiple name path pattern repository run-id "
        "skip-decompress",
        outputs="download-path",
    ),
    "actions/github-script": Action(
        8, 7,
        "base-url debug github-token previews result-encoding retries retry-exempt-status-codes script user-agent",
        required="script",
        outputs="*",
    ),
    "actions/labeler": Action(
        6, 5,
        "configuration-path dot pr-number repo-token sync-labels",
        outputs="all-labels new-labels",
    ),
    "actions/setup-dotnet": Action(
        5, 4,
        "architecture cache cache-dependency-path config-file dotnet-quality dotnet-version global-json-file owner "
        "source-url workloads",
        outputs="cache-hit dotnet-version",
    ),
    "actions/setup-go": Action(
        6, 5,
        "architecture cache cache-dependency-path check-latest go-download-base-url go-version go-version-file "
        "token",
        outputs="cache-hit go-version",
    ),
    "actions/setup-java": Action(
        5, 4,
        "architecture cache cache-dependency-path cache-jdk cache-path cache-read-only check-latest distribution "
        "force-download gpg-passphrase gpg-passphrase-env-var gpg-private-key java-package java-version "
        "java-version-file jdk-file jdkFile job-status mvn-toolchain-id mvn-toolchain-vendor overwrite-settings "
        "problem-matcher server-id server-password server-password-env-var server-username server-username-env-var "
        "set-default settings-path show-download-progress token verify-signature verify-signature-public-key",
        required="distribution",
        outputs="cache-hit distribution path version",
    ),
    "actions/setup-node": Action(
        6, 4,
        "always-auth architecture cache cache-dependency-path check-latest mirror mirror-token node-version "
        "node-version-file package-manager-cache registry-url scope token",
        outputs="cache-hit node-version",
    ),
    "actions/setup-python": Action(
        6, 5,
        "allow-prereleases architecture cache cache-dependency-path check-latest freethreaded pip-install "
        "pip-version python-version python-version-file token update-environment",
        outputs="cache-hit python-path python-version",
    ),
    "actions/stale": Action(
        10, 9,
        "any-of-issue-labels any-of-labels any-of-pr-labels ascending close-issue-label close-issue-message "
        "close-issue-reason close-pr-label close-pr-message days-before-close days-before-issue-close "
        "days-before-issue-stale days-before-pr-close days-before-pr-stale days-before-stale debug-only "
        "delete-branch enable-statistics exempt-all-assignees exempt-all-issue-assignees "
        "exempt-all-issue-milestones exempt-all-milestones exempt-all-pr-assignees exempt-all-pr-milestones "
        "exempt-assignees exempt-draft-pr exempt-issue-assignees exempt-issue-labels exempt-issue-milestones "
        "exempt-milestones exempt-pr-assignees exempt-pr-labels exempt-pr-milestones ignore-issue-updates "
        "ignore-pr-updates ignore-updates include-only-assigned labels-to-add-when-unstale "
        "labels-to-remove-when-stale labels-to-remove-when-unstale only-issue-labels only-issue-types only-labels "
        "only-pr-labels operations-per-run remove-issue-stale-when-updated remove-pr-stale-when-updated "
        "remove-stale-when-updated repo-token sort-by stale-issue-label stale-issue-message stale-pr-label "
        "stale-pr-message start-date",
        outputs="closed-issues-prs staled-issues-prs",
    ),
    "actions/upload-artifact": Action(
        7, 4,
        "archive compression-level if-no-files-found include-hidden-files name overwrite path retention-days",
        required="path",
        outputs="artifact-digest artifact-id artifact-url",
    ),
    "actions/upload-pages-artifact": Action(4, 1, "name path retention-days", outputs="artifact_id"),
    "aws-actions/configure-aws-credentials": Action(
        6, 4,
        "action-timeout-s allowed-account-ids audience aws-access-key-id aws-region aws-secret-access-key "
        "aws-session-token disable-retry force-skip-oidc http-proxy inline-session-policy managed-session-policies "
        "mask-aws-account-id no-proxy output-credentials output-env-credentials retry-max-attempts role-chaining "
        "role-duration-seconds role-external-id role-session-name role-skip-session-tagging role-to-assume "
        "special-characters-workaround transitive-tag-keys unset-current-credentials use-existing-credentials "
        "web-identity-token-file",
        required="aws-region",
        outputs="aws-access-key-id aws-account-id aws-expiration aws-secret-access-key aws-session-token",
    ),
    "azure/login": Action(
        3, 2,
        "allow-no-subscriptions audience auth-type client-id creds enable-AzPSSession environment subscription-id "
        "tenant-id",
    ),
    "docker/build-push-action": Action(
        7, 5,
        "add-hosts add_git_labels allow always_pull annotations attests build-args build-contexts build_args "
        "builder cache-from cache-to cache_froms call cgroup-parent context dockerfile file github-token labels "
        "load network no-cache no-cache-filters outputs password path platforms provenance pull push registry "
        "repository sbom secret-envs secret-files secrets shm-size ssh tag_with_ref tag_with_sha tags target ulimit "
        "username",
        outputs="digest imageid metadata",
    ),
    "docker/login-action": Action(4, 3, "ecr logout password registry registry-auth scope username"),
    "docker/metadata-action": Action(
        6, 5,
        "annotations bake-target context flavor github-token images labels sep-annotations sep-labels sep-tags tags",
        outputs="annotations bake-file bake-file-annotations bake-file-labels bake-file-tags json labels tag-names tags "
        "version",
    ),
    "docker/setup-buildx-action": Action(
        4, 3,
        "append buildkitd-config buildkitd-config-inline buildkitd-flags cache-binary cleanup config config-inline "
        "driver driver-opts endpoint install keep-state name platforms use version",
        outputs="driver endpoint flags name nodes platforms status",
        deprecated="config>buildkitd-config@3 config-inline>buildkitd-config-inline@3 install>@3",
    ),
    "docker/setup-qemu-action": Action(4, 3, "cache-image image platforms", outputs="platforms"),
    "dorny/paths-filter": Action(
        4, 3,
        "base filters initial-fetch-depth list-files predicate-quantifier ref token working-directory",
        required="filters",
        outputs="*",
    ),
    "github/codeql-action/analyze": Action(
        4, 3,
        "add-snippets category check_name checkout_path cleanup-level expect-error matrix output "
        "post-processed-sarif-path ram ref sha skip-queries threads token upload upload-database "
        "wait-for-processing",
        outputs="db-locations sarif-id sarif-output",
        deprecated="add-snippets>@3",
    ),
    "github/codeql-action/autobuild": Action(4, 3, "matrix token working-directory"),
    "github/codeql-action/init": Action(
        4, 3,
        "analysis-kinds build-mode check-run-id config config-file db-location debug debug-artifact-name "
        "debug-database-name dependency-caching external-repository-token languages matrix packs quality-queries "
        "queries ram registries setup-python-dependencies source-root threads token tools trap-caching",
        outputs="codeql-path codeql-version",
    ),
    "golangci/golangci-lint-action": Action(
        9, 4,
        "annotations args cache-invalidation-interval debug experimental github-token install-mode install-only "
        "only-new-issues problem-matchers skip-build-cache skip-cache skip-pkg-cache skip-save-cache verify version "
        "version-file working-directory",
    ),
    "google-github-actions/auth": Action(
        3, 2,
        "access_token_lifetime access_token_scopes access_token_subject audience backoff backoff_limit "
        "cleanup_credentials create_credentials_file credentials_json delegates export_environment_variables "
        "id_token_audience id_token_include_email project_id request_reason retries service_account token_format "
        "universe workload_identity_provider",
        outputs="access_token auth_token credentials_file_path id_token project_id",
        deprecated="backoff>@2 backoff_limit>@2 retries>@2",
    ),
    "google-github-actions/setup-gcloud": Action(
        3, 2,
        "cache install_components project_id skip_install skip_tool_cache version",
        outputs="version",
    ),
    "goreleaser/goreleaser-action": Action(
        7, 5,
        "args distribution install-only version workdir",
        outputs="artifacts metadata",
    ),
    "octokit/request-action": Action(2, 1, "*", outputs="data headers status"),
    "octokit/graphql-action": Action(2, 1, "mediaType query variables", required="query", outputs="data"),
    "peaceiris/actions-gh-pages": Action(
        4, 4,
        "allow_empty_commit cname commitMessage commit_message deploy_key destination_dir disable_nojekyll "
        "emptyCommits enable_jekyll exclude_assets external_repository forceOrphan force_orphan full_commit_message "
        "github_token keepFiles keep_files personal_token publish_branch publish_dir tagMessage tagName "
        "tagOverwrite tag_message tag_name user_email user_name useremail username",
    ),
    "peter-evans/create-pull-request": Action(
        8, 6,
        "add-paths assignees author base body body-path branch branch-suffix branch-token commit-message committer "
        "delete-branch draft git-token labels maintainer-can-modify milestone path push-to-fork reviewers "
        "sign-commits signoff team-reviewers title token",
        outputs="pull-request-branch pull-request-head-sha pull-request-number pull-request-operation pull-request-url",
    ),
    "pypa/gh-action-pypi-publish": Action(
        1, 1,
        "attestations packages-dir packages_dir password print-hash print_hash repository-url repository_url "
        "skip-existing skip_existing user verbose verify-metadata verify_metadata",
        deprecated="packages_dir>packages-dir@1 print_hash>print-hash@1 repository_url>repository-url@1 "
        "skip_existing>skip-existing@1 verify_metadata>verify-metadata@1",
    ),
    "reviewdog/action-actionlint": Action(
        1, 1,
        "actionlint_flags fail_level fail_on_error filter_mode github_token level reporter reviewdog_flags "
        "tool_name",
        deprecated="fail_on_error>fail_level@1",
    ),
    "rhysd/action-setup-vim": Action(1, 1, "configure-args neovim token version", outputs="executable vim-dir"),
    "ruby/setup-ruby": Action(
        1, 1,
        "bundler bundler-cache cache-version ruby-version rubygems self-hosted token windows-toolchain "
        "working-directory",
        outputs="ruby-prefix",
    ),
    "softprops/action-gh-release": Action(
        2, 2,
        "append_body body body_path discussion_category_name draft fail_on_unmatched_files files "
        "generate_release_notes make_latest name overwrite_files prerelease preserve_order previous_tag repository "
        "tag_name target_commitish token working_directory",
        outputs="assets id upload_url url",
    ),
    "swatinem/rust-cache": Action(
        2, 2,
        "add-job-id-key add-rust-environment-hash-key cache-all-crates cache-bin cache-directories cache-on-failure "
        "cache-provider cache-targets cache-workspace-crates cmd-format env-vars key lookup-only prefix-key save-if "
        "shared-key workspaces",
        outputs="cache-hit",
    ),
}  # fmt: skip
