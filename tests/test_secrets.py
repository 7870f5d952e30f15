"""No credential of a scanned tree is ever shown whole: planted in many places, looked for in every format."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from linter.reporters import REPORTERS, renderer
from tests.support import scanned, write

PLANTED = {
    "hexadecimal token": "60b6c7ba41475b2ebdded2c0d3b079f0",
    "access key": "AKIAIOSFODNN7EXAMPLE",
    "secret key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "GitHub token": "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "password": "Tr0ub4dor-and-3-horses",
}

TREE = """
provider "gitlab" {{ token = "{0}" }}
provider "aws" {{
  access_key = "{0}"
  secret_key = "{0}"
}}
variable "db_password" {{ default = "{0}" }}
resource "aws_instance" "web" {{ user_data = "export DB_PASSWORD={0}" }}
resource "aws_lambda_function" "it" {{
  environment {{
    variables = {{ API_TOKEN = "{0}", password = "{0}" }}
  }}
}}
resource "aws_db_instance" "shop" {{ password = "{0}" }}
"""

MANIFEST = """
apiVersion: v1
kind: Secret
metadata: {{name: db}}
stringData: {{password: "{0}", token: "{0}", settings.ini: "password = {0}"}}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: app}}
data: {{secret_key: "{0}"}}
---
apiVersion: v1
kind: Pod
metadata: {{name: web}}
spec:
  containers:
    - name: web
      image: nginx
      env:
        - {{name: DB_PASSWORD, value: "{0}"}}
        - name: API_TOKEN
          value: "{0}"
"""

WORKFLOW = """
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    env: {{API_TOKEN: "{0}"}}
    steps:
      - run: curl -H "Authorization: Bearer {0}" http://collector.example.com
        env:
          DB_PASSWORD: "{0}"
      - uses: docker/login-action@v3
        with: {{username: me, password: "{0}"}}
"""

RUNBOOK = "# Restore\n\n## Steps\n\n```sh\nexport DB_PASSWORD={0}\n```\n\nThe token is: `{0}`\n"


@pytest.mark.parametrize("secret", PLANTED.values(), ids=PLANTED)
def test_no_format_shows_a_secret_whole(secret: str, tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "main.tf": TREE.format(secret),
            "k8s/app.yaml": MANIFEST.format(secret),
            ".github/workflows/ci.yml": WORKFLOW.format(secret),
            "runbooks/restore.md": RUNBOOK.format(secret),
        },
    )
    report = scanned(tmp_path).report
    assert len({finding.rule for finding in report.findings if finding.outcome == "fail"}) > 10
    for name in REPORTERS:
        for profile in ("github", "full"):
            shown = renderer(name)(report, {"profile": profile, "verbose": True, "color": False})
            assert secret not in shown, name
            assert secret not in json.dumps(shown)
            assert secret[: len(secret) // 2] not in shown, f"half of it in {name}"
