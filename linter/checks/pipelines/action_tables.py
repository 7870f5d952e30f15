"""What is known of actions and hooks: archived repositories, names that are imitated, tools they fetch, what replaces them.

Facts as of AS_OF, from the repositories' own notices on GitHub ("This repository was archived by the owner") and the
actions' documented inputs. An archived repository gets no fixes any more; what its tags point to can no longer be mended.
"""

from __future__ import annotations

AS_OF = "2026-01-15"

ARCHIVED: dict[str, str] = {
    "actions/create-release": "`gh release create` or softprops/action-gh-release",
    "actions/upload-release-asset": "`gh release upload` or softprops/action-gh-release",
    "actions/setup-ruby": "ruby/setup-ruby",
    "actions/setup-haskell": "haskell-actions/setup",
    "actions/setup-elixir": "erlef/setup-beam",
    "actions/npm": "actions/setup-node and `npm`",
    "actions/aws": "aws-actions/configure-aws-credentials and `aws`",
    "actions/azure": "azure/login and azure/cli",
    "actions/gcloud": "google-github-actions/auth and `gcloud`",
    "actions/docker": "`docker`",
    "actions/heroku": "the Heroku CLI",
    "actions/zeit-now": "the Vercel CLI",
    "actions/bin": "`run` steps",
    "actions-rs/audit-check": "rustsec/audit-check",
    "actions-rs/cargo": "`cargo`",
    "actions-rs/clippy-check": "`cargo clippy`",
    "actions-rs/clippy": "`cargo clippy`",
    "actions-rs/components-nightly": "`rustup toolchain install`",
    "actions-rs/example": "`cargo`",
    "actions-rs/grcov": "`grcov` or taiki-e/install-action",
    "actions-rs/install": "taiki-e/install-action",
    "actions-rs/tarpaulin": "`cargo tarpaulin`",
    "actions-rs/toolchain": "`rustup toolchain install`",
    "azure/appconfiguration-sync": "azure/cli",
    "azure/container-scan": "aquasecurity/trivy-action",
    "azure/k8s-actions": "azure/k8s-deploy",
    "crazy-max/ghaction-docker-buildx": "docker/setup-buildx-action",
    "google-github-actions/release-please-action": "googleapis/release-please-action",
    "google-github-actions/setup-cloud-sdk": "google-github-actions/setup-gcloud",
    "gradle/gradle-build-action": "gradle/actions/setup-gradle",
    "gradle/wrapper-validation-action": "gradle/actions/wrapper-validation",
    "hashicorp/terraform-github-actions": "hashicorp/setup-terraform",
    "haskell/actions": "haskell-actions",
    "maxheld83/ghpages": "actions/deploy-pages",
    "repo-sync/pull-request": "`gh pr create`",
    "returntocorp/semgrep-action": "the semgrep image",
    "sonarsource/sonarcloud-github-action": "sonarsource/sonarqube-scan-action",
    "styfle/cancel-workflow-action": "`concurrency` with `cancel-in-progress`",
    "technote-space/get-diff-action": "`git diff`",
    "actions-x/commit": "`git commit`",
    "rickstaa/action-black": "reviewdog/action-black",
}
"""`owner/repo` in lower case → what does its work now."""

ARCHIVED_HOOKS: dict[str, str] = {
    "pre-commit/mirrors-autopep8": "hhatto/autopep8",
    "pre-commit/mirrors-coffeelint": "a local hook",
    "pre-commit/mirrors-csslint": "a local hook",
    "pre-commit/mirrors-fixmyjs": "a local hook",
    "pre-commit/mirrors-isort": "pycqa/isort",
    "pre-commit/mirrors-jshint": "a local hook",
    "pre-commit/mirrors-prettier": "a local hook, or rbubley/mirrors-prettier",
    "pre-commit/mirrors-puppet-lint": "a local hook",
    "pre-commit/mirrors-pylint": "pylint-dev/pylint",
    "pre-commit/mirrors-ruby-lint": "a local hook",
    "pre-commit/mirrors-scss-lint": "a local hook",
    "pre-commit/mirrors-yapf": "google/yapf",
    "asottile/seed-isort-config": "pycqa/isort",
    "awslabs/git-secrets": "gitleaks/gitleaks",
    "returntocorp/semgrep": "semgrep/pre-commit",
}
"""The same for repositories of pre-commit hooks."""

WELL_KNOWN = frozenset(
    """actions/add-to-project actions/attest actions/attest-build-provenance actions/attest-sbom actions/cache
    actions/checkout actions/configure-pages actions/create-github-app-token actions/create-release
    actions/delete-package-versions actions/dependency-review-action actions/deploy-pages actions/download-artifact
    actions/first-interaction actions/github-script actions/hello-world-javascript-action actions/jekyll-build-pages
    actions/labeler actions/setup-dotnet actions/setup-go actions/setup-java actions/setup-node actions/setup-python
    actions/setup-ruby actions/stale actions/toolkit actions/upload-artifact actions/upload-pages-artifact
    actions/upload-release-asset amannn/action-semantic-pull-request anchore/sbom-action anchore/scan-action
    aquasecurity/trivy-action astral-sh/ruff-action astral-sh/setup-uv aws-actions/amazon-ecr-login
    aws-actions/configure-aws-credentials azure/cli azure/login azure/setup-helm azure/setup-kubectl
    benchmark-action/github-action-benchmark bufbuild/buf-setup-action cloudflare/wrangler-action
    codecov/codecov-action dependabot/fetch-metadata docker/bake-action docker/build-push-action docker/login-action
    docker/metadata-action docker/setup-buildx-action docker/setup-qemu-action dorny/paths-filter
    dorny/test-reporter dtolnay/rust-toolchain github/codeql-action github/super-linter gitleaks/gitleaks-action
    golangci/golangci-lint-action google-github-actions/auth google-github-actions/setup-gcloud
    goreleaser/goreleaser-action gradle/actions hadolint/hadolint-action hashicorp/setup-terraform helm/chart-testing-action
    helm/kind-action jetbrains/qodana-action jidicula/clang-format-action microsoft/setup-msbuild
    mikepenz/action-junit-report nick-fields/retry ossf/scorecard-action oven-sh/setup-bun pascalgn/automerge-action
    peaceiris/actions-gh-pages peaceiris/actions-hugo peter-evans/create-or-update-comment
    peter-evans/create-pull-request peter-evans/find-comment peter-evans/repository-dispatch pnpm/action-setup
    pre-commit/action pulumi/actions pypa/cibuildwheel pypa/gh-action-pypi-publish reviewdog/action-actionlint
    ruby/setup-ruby rustsec/audit-check shivammathur/setup-php sigstore/cosign-installer slackapi/slack-github-action
    softprops/action-gh-release step-security/harden-runner stefanzweifel/git-auto-commit-action
    super-linter/super-linter swatinem/rust-cache taiki-e/install-action tj-actions/changed-files treosh/lighthouse-ci-action
    zizmorcore/zizmor-action""".split()  # noqa: SIM905
)
"""Actions that many use, whose names are therefore worth imitating."""


TOOLS: dict[str, str] = {
    "aquasecurity/setup-trivy": "version",
    "1password/load-secrets-action": "version",
    "azure/setup-helm": "version",
    "azure/setup-kubectl": "version",
    "golangci/golangci-lint-action": "version",
    "hashicorp/setup-terraform": "terraform_version",
    "opentofu/setup-opentofu": "tofu_version",
    "terraform-linters/setup-tflint": "tflint_version",
}
"""Action → the input that says which version of another tool it fetches; without it whatever is newest."""

SUPERFLUOUS: dict[str, str] = {
    "actions-ecosystem/action-add-labels": "gh pr edit --add-label",
    "actions-ecosystem/action-remove-labels": "gh pr edit --remove-label",
    "actions/create-release": "gh release create",
    "actions/upload-release-asset": "gh release upload",
    "addnab/docker-run-action": "docker run",
    "dtolnay/rust-toolchain": "rustup toolchain install",
    "elgohr/publish-docker-github-action": "docker push",
    "juliangruber/read-file-action": "cat",
    "ncipollo/release-action": "gh release create",
    "peter-evans/create-issue-from-file": "gh issue create --body-file",
    "peter-evans/create-or-update-comment": "gh issue comment",
    "peter-evans/enable-pull-request-automerge": "gh pr merge --auto",
    "softprops/action-gh-release": "gh release create",
    "svenstaro/upload-release-action": "gh release upload",
    "actions-rs/toolchain": "rustup toolchain install",
    "actions-rs/cargo": "cargo",
}
"""Actions whose work a program does that hosted runners have."""

UNTRUSTED_OUTPUTS: dict[str, tuple[str, ...]] = {
    "eficode/resolve-pr-refs": ("head_ref",),
    "gotson/pull-request-comment-branch": ("head_ref",),
    "jitterbit/get-changed-files": ("all", "added", "modified", "removed", "renamed", "added_modified", "deleted"),
    "khan/pull-request-comment-trigger": ("comment_body",),
    "tj-actions/branch-names": ("current_branch", "head_ref_branch", "ref_branch"),
    "tj-actions/changed-files": (
        "all_changed_files", "all_modified_files", "all_changed_and_modified_files", "added_files", "copied_files",
        "modified_files", "renamed_files", "other_changed_files", "all_old_new_renamed_files",
    ),
    "trilom/file-changes-action": ("files", "files_added", "files_modified", "files_removed"),
    "tzkhan/pr-update-action": ("headmatch",),
    "xt0rted/pull-request-comment-branch": ("head_ref",),
}  # fmt: skip
"""Actions → outputs that hold names of branches and files, or texts, of whoever opened the pull request."""
