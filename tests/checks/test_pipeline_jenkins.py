"""Checks of Jenkins pipelines at their edges; the rules' examples show the middle."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import lines, scanned, write

PIPELINE = """pipeline {{
  agent {{ label 'linux' }}
  stages {{
    stage('A') {{
      steps {{
        withCredentials([string(credentialsId: 'c', variable: 'TOKEN')]) {{
          {}
        }}
      }}
    }}
  }}
}}
"""


def found(tmp_path: Path, text: str, *rules: str) -> list[str]:
    return lines(scanned(write(tmp_path, {"Jenkinsfile": text}), *rules))


@pytest.mark.parametrize(
    ("step", "count"),
    [
        ("sh \"curl -H ${TOKEN} https://x\"", 1), ("sh \"curl -H ${env.TOKEN}\"", 1), ("sh \"curl -H $TOKEN\"", 1),
        ("sh \"curl -H \\$TOKEN\"", 0), ("sh 'curl -H $TOKEN'", 0), ("sh 'a ' + TOKEN", 1), ("sh \"${OTHER}\"", 0),
        ("sh \"${TOKEN.size()}\"", 1), ("bat \"x ${TOKEN}\"", 1), ("sh script: \"x ${TOKEN}\"", 1),
    ],
)  # fmt: skip
def test_credentials_in_groovy_strings(tmp_path: Path, step: str, count: int) -> None:
    assert len(found(tmp_path, PIPELINE.format(step), "jen-no-gstring-secret")) == count


@pytest.mark.parametrize(
    ("step", "count"),
    [
        ("sh \"x ${params.A}\"", 1), ("sh \"x ${params['A']}\"", 1), ("sh 'x $A'", 0), ("sh \"${env.CHANGE_BRANCH}\"", 1),
        ("sh \"${CHANGE_TITLE}\"", 1), ("sh \"${env.CHANGE_ID} ${BUILD_NUMBER}\"", 0), ("sh \"$message\"", 1),
        ("script { def message = 'x'; sh \"$message\" }", 0), ("withEnv(['title=x']) { sh \"$title\" }", 0),
        ("echo \"${params.A}\"", 0),
    ],
)  # fmt: skip
def test_outside_text_in_groovy_strings(tmp_path: Path, step: str, count: int) -> None:
    assert len(found(tmp_path, PIPELINE.format(step), "jen-no-untrusted-param")) == count


@pytest.mark.parametrize(
    ("script", "count"),
    [
        ("curl -k https://x", 1), ("curl -fsSk https://x", 1), ("curl -okay https://x", 0), ("curl -H key https://x", 0),
        ("GIT_SSL_NO_VERIFY=1 git clone https://x", 1), ("git config http.sslVerify true", 0),
        ("ssh -o StrictHostKeyChecking=no a b", 1),
        ("export NODE_TLS_REJECT_UNAUTHORIZED=0", 1), ("wget --no-check-certificate https://x", 1),
    ],
)  # fmt: skip
def test_who_answers_is_checked(tmp_path: Path, script: str, count: int) -> None:
    assert len(found(tmp_path, PIPELINE.format(f"sh '{script}'"), "jen-no-skip-tls")) == count


@pytest.mark.parametrize(
    ("script", "count"),
    [
        ("curl https://x/i.sh | bash", 1), ("curl https://x/i.sh | sudo bash -s -- a", 1), ("curl https://x | jq .", 0),
        ("curl -o i.sh https://x; bash i.sh", 1), ("curl -fsSLo i.sh https://x; sh ./i.sh", 1), ("wget https://x/i.sh; ./i.sh", 1),
        ("curl -o i.sh https://x; sha256sum -c s; bash i.sh", 0), ("curl https://x > i.py; python i.py", 1),
        ("curl -o a.json https://x; cat a.json", 0), ("bash <(curl -s https://x)", 1),
    ],
)  # fmt: skip
def test_downloads_are_not_run(tmp_path: Path, script: str, count: int) -> None:
    assert len(found(tmp_path, PIPELINE.format(f"sh '{script}'"), "jen-no-unchecked-downloads")) == count


@pytest.mark.parametrize(
    ("script", "count"),
    [
        ("make", 1), ("make test", 1), ("make deploy", 0), ("npm ci", 1), ("npm publish", 0), ("npm run release", 0),
        ("mvn -B verify", 1), ("mvn deploy", 0), ("./deploy.sh", 0), ("pip install -r r.txt", 1), ("docker push x", 0),
    ],
)  # fmt: skip
def test_builds_with_credentials(tmp_path: Path, script: str, count: int) -> None:
    text = PIPELINE.format(f"sh '{script}'")
    assert len(found(tmp_path, text, "jen-no-credentials-for-changes")) == count
    kept_out = text.replace("steps {", "when { branch 'main' }\n steps {")
    assert found(tmp_path, kept_out, "jen-no-credentials-for-changes") == []


@pytest.mark.parametrize(
    ("ref", "count"),
    [
        ("1.4", 0),
        ("v2", 0),
        ("release-1.2.3", 0),
        ("main", 1),
        ("", 1),
        ("9f3c1e7ab04d52c86ee19f3c1e7ab04d52c86ee1", 0),
    ],
)
def test_versions_of_libraries(tmp_path: Path, ref: str, count: int) -> None:
    text = f"@Library('lib{'@' + ref if ref else ''}') _\nnode('x') {{ sh 'a'; sh 'b' }}\n"
    assert len(found(tmp_path, text, "jen-pin-shared-library")) == count


@pytest.mark.parametrize(
    ("label", "count"),
    [
        ("master", 1),
        ("built-in", 1),
        ("linux || master", 1),
        ("linux && !master", 0),
        ("webmaster", 0),
        ("(built-in)", 1),
    ],
)
def test_labels_of_the_controller(tmp_path: Path, label: str, count: int) -> None:
    assert len(found(tmp_path, f"node('{label}') {{ sh 'a'; sh 'b' }}", "jen-not-on-controller")) == count


def test_a_pipelines_agent_is_told_once(tmp_path: Path) -> None:
    text = PIPELINE.replace("label 'linux'", "label 'master'").format("sh 'x'")
    assert len(found(tmp_path, text, "jen-not-on-controller")) == 1


@pytest.mark.parametrize(
    ("command", "count"),
    [
        ("gh pr merge 7 --squash", 1), ("gh pr merge --auto 7", 0), ("curl -X PUT https://h/repos/a/b/pulls/7/merge", 1),
        ("curl -XPOST https://h/merge_requests/7/merge", 1), ("curl https://h/repos/a/b/pulls/7/merge", 0),
        ("curl -X POST https://h/repos/a/b/merges", 0), ("git merge main", 0),
    ],
)  # fmt: skip
def test_people_merge(tmp_path: Path, command: str, count: int) -> None:
    assert len(found(tmp_path, PIPELINE.format(f"sh '{command}'"), "people-merge-changes")) == count
