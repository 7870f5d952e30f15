"""How GitLab makes one configuration of several: includes, extends, references, inputs; and that no input costs much."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.model import Map, Unknown
from linter.parsers.pipelines.gitlab_merge import deep_merge
from linter.syntax import yaml
from tests.parsers.gitlab_trees import Read, plain


def test_extends_merges_mappings_and_replaces_lists_the_last_parent_winning() -> None:
    read = Read(
        ".base:\n  variables: {URL: http://one, NOTE: kept}\n  tags: [big]\n  script: [echo base]\n"
        ".docker:\n  variables: {URL: http://two}\n  tags: [docker]\n  image: alpine:3.20\n"
        "rspec:\n  variables: {OWN: mine}\n  extends: [.base, .docker]\n  script: [rake]\n"
    )
    body = read.jobs["rspec"].body
    assert plain(body["env"]) == {"URL": "http://two", "NOTE": "kept", "OWN": "mine"}
    assert list(body["runner"]) == ["docker"] and body["container"]["image"] == "alpine:3.20"
    assert read.runs("rspec") == ["rake"]
    assert read.at(body["env"], "NOTE") == "kept" and read.at(body["env"], "URL") == "http://two"


@pytest.mark.parametrize(
    ("own", "env"),
    [
        ("{A: own, B: b}", {"A": "own", "B": "b"}),
        ("{B: b}", {"A": "base", "B": "b"}),
        ("{}", {"A": "base"}),
        ("null", {}),
    ],
)
def test_null_takes_an_inherited_entry_away(own: str, env: dict[str, str]) -> None:
    read = Read(f".base: {{script: test, variables: {{A: base}}}}\na: {{extends: .base, variables: {own}}}\n")
    assert plain(read.jobs["a"].body["env"]) == env and read.runs("a") == ["test"]


def chain(length: int) -> str:
    links = "".join(f".l{n}: {{extends: .l{n + 1}}}\n" for n in range(length))
    return f"job: {{extends: .l0}}\n{links}.l{length}: {{script: x}}\n"


def test_extends_is_followed_eleven_levels_deep() -> None:
    read = Read(chain(9))
    assert read.told == [] and read.runs("job") == ["x"]
    assert [message for message, _ in Read(chain(10)).told] == ["`extends` is more than 11 levels deep"]


def test_references_bring_parts_of_jobs_rules_and_variables() -> None:
    read = Read({
        ".gitlab-ci.yml": (
            "include: setup.yml\n"
            ".vars: {variables: {URL: http://x, KEEP: y}}\n"
            ".rules: {rules: [{if: $A}]}\n"
            "test:\n  script:\n    - !reference [.setup, script]\n    - echo own\n"
            "  variables: {MINE: !reference [.vars, variables, URL]}\n"
            "  rules:\n    - !reference [.rules, rules]\n    - if: $B\n"
            "whole:\n  script: x\n  variables: !reference [.vars, variables]\n"
        ),
        "setup.yml": ".setup: {script: [echo set up]}\n",
    })  # fmt: skip
    assert read.told == [] and read.runs("test") == ["echo set up", "echo own"]
    assert read.written(read.steps("test")[0].anchor) == "echo set up"
    assert plain(read.jobs["test"].body["env"]) == {"MINE": "http://x"}
    assert plain(read.jobs["test"].body["rules"]) == [[{"if": "$A"}], {"if": "$B"}]
    assert plain(read.jobs["whole"].body["env"]) == {"URL": "http://x", "KEEP": "y"}


def test_references_nest_and_see_what_is_inherited() -> None:
    read = Read(
        ".s:\n  one: [echo 1]\n  two: [!reference [.s, one], echo 2]\n  three: [!reference [.s, two], echo 3]\n"
        ".b: {script: [base]}\n.c: {extends: .b}\n"
        "a: {script: [!reference [.s, three], !reference [.c, script]]}\n"
    )
    assert read.runs("a") == ["echo 1", "echo 2", "echo 3", "base"]


def test_included_files_are_merged_below_the_including_one() -> None:
    read = Read({
        ".gitlab-ci.yml": (
            "include: common.yml\nvariables: {USER: name}\n"
            "test:\n  rules: [{if: $X, when: manual}]\n  artifacts: {reports: {junit: a.xml}}\n"
        ),
        "common.yml": (
            "variables: {USER: common, PASS: testing}\n"
            "test:\n  rules: [{when: never}]\n  script: [rake]\n  artifacts: {reports: {dotenv: d.env}}\n"
        ),
    })  # fmt: skip
    assert plain(read.pipeline.body["env"]) == {"USER": "name", "PASS": "testing"}
    body = read.jobs["test"].body
    assert plain(body["rules"]) == [{"if": "$X", "when": "manual"}] and read.runs("test") == ["rake"]
    assert plain(body["artifacts"][0]["reports"]) == {"dotenv": "d.env", "junit": "a.xml"}
    assert read.estate.sources[read.steps("test")[0].anchor[0]].path == "common.yml"


def test_later_includes_win_over_earlier_ones_and_nested_ones_come_first() -> None:
    read = Read({
        ".gitlab-ci.yml": "include: [a.yml, {local: /b.yml}, ci/*.yml]\n",
        "a.yml": "include: {local: base.yml}\ndefault: {before_script: [a]}\nx: {script: x}\n",
        "b.yml": "include: [base.yml]\ndefault: {before_script: [b]}\n",
        "base.yml": "default: {before_script: [base], after_script: [end]}\n",
        "ci/one.yml": "one: {script: one}\n",
        "ci/deeper/two.yml": "two: {script: two}\n",
    })  # fmt: skip
    assert read.runs("x") == ["b", "x", "end"] and list(read.jobs) == ["x", "one"]
    assert [record["raw"] for record in read.pipeline.body["includes"]] == [
        "a.yml", "base.yml", "/b.yml", "base.yml", "ci/*.yml",
    ]  # fmt: skip


def test_what_is_included_from_elsewhere_is_named_and_leaves_the_pipeline_open() -> None:
    read = Read(
        "include:\n  - https://ci.example.com/x.yml\n"
        "  - {project: a/b, ref: v1, file: [x.yml]}\n  - template: Jobs/SAST.gitlab-ci.yml\n"
        "  - component: gitlab.com/c/sast@1.2.3\n  - local: gone.yml\n"
        "a: {extends: .theirs}\nb: {script: [!reference [.theirs, script], own]}\nc: {environment: {url: x}}\n"
    )
    assert read.told == []
    assert [(each["kind"], each["name"], each["ref"]) for each in read.pipeline.body["includes"]] == [
        ("remote", "https://ci.example.com/x.yml", ""), ("project", "a/b", "v1"),
        ("template", "Jobs/SAST.gitlab-ci.yml", ""), ("component", "gitlab.com/c/sast", "1.2.3"), ("local", "gone.yml", ""),
    ]  # fmt: skip
    assert [("missing" in each) for each in read.pipeline.body["includes"]] == [False] * 4 + [True]
    assert isinstance(read.jobs["a"].body.open, Unknown) and isinstance(read.jobs["c"].body.open, Unknown)
    assert read.runs("b") == ["own"] and list(read.pipeline.body["families"]) == ["code"]


@pytest.mark.parametrize(
    ("rules", "jobs"),
    [
        ("[{exists: [Dockerfile]}]", ["a", "own"]),
        ("[{exists: ['**/*.go']}]", ["own"]),
        ("[{exists: [Dockerfile], when: never}]", ["own"]),
        ("[{if: $CI_COMMIT_BRANCH}]", ["a", "own"]),
    ],
)
def test_rules_of_includes_are_asked_of_the_tree(rules: str, jobs: list[str]) -> None:
    read = Read({
        ".gitlab-ci.yml": f"include:\n  - local: a.yml\n    rules: {rules}\nown: {{script: x}}\n",
        "a.yml": "a: {script: x}\n", "Dockerfile": "FROM x\n",
    })  # fmt: skip
    assert list(read.jobs) == jobs


def test_inputs_are_put_in_where_the_file_or_the_include_gives_them_a_value() -> None:
    read = Read({
        ".gitlab-ci.yml": "include:\n  - {local: scan.yml, inputs: {name: web, tries: 2}}\n",
        "scan.yml": (
            "spec:\n  inputs:\n    name:\n    where: {default: production}\n    tries: {type: number, default: 1}\n"
            "    steps: {type: array, default: [one, two]}\n    open:\n---\n"
            "'$[[ inputs.name ]]-scan':\n  environment: $[[ inputs.where ]]\n  retry: $[[inputs.tries]]\n"
            "  script: $[[ inputs.steps ]]\n  after_script: ['scan $[[ inputs.open ]] $[[ inputs.name | truncate(0,2) ]]']\n"
        ),
    })  # fmt: skip
    (job,) = read.jobs.values()
    assert job.name == "web-scan" and job.body["retry"] == 2 and job.body["environment"]["tier"] == "production"
    assert read.runs("web-scan") == ["one", "two", "scan $[[ inputs.open ]] $[[ inputs.name | truncate(0,2) ]]"]


def test_a_broken_include_is_told_and_the_rest_read() -> None:
    read = Read({".gitlab-ci.yml": "include: a.yml\nx: {script: x}\n", "a.yml": "y: {script: [x\nz: 1"})
    assert (
        len(read.told) == 1
        and list(read.jobs) == ["x"]
        and isinstance(read.jobs["x"].context["workflow"].open, Unknown)
    )


VALUES = st.recursive(
    st.integers(0, 3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
)
MAPS = st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3)


def built(value: object) -> Map:
    made = yaml.load(0, repr(value)).documents[0].value
    assert isinstance(made, Map)
    return made


def merged(base: object, over: object) -> object:
    """What the documentation says of merging, with plain values."""
    if isinstance(base, dict) and isinstance(over, dict):
        both = {key: merged(base[key], over[key]) for key in base.keys() & over.keys()}
        return {**base, **over, **both}
    return over


@given(MAPS, MAPS, MAPS)
def test_merging_is_what_the_documentation_says(one: object, two: object, three: object) -> None:
    made = deep_merge(deep_merge(built(one), built(two)), built(three))
    assert plain(made) == merged(merged(one, two), three)
    assert set(made.at) == set(made)


def seconds(files: dict[str, str] | str) -> float:
    started = time.process_time()
    Read(files)
    return time.process_time() - started


def doubling(levels: int) -> str:
    return (
        "".join(f".e{n}: {{extends: [.e{n + 1}, .e{n + 1}]}}\n" for n in range(levels))
        + f".e{levels}: {{script: [x]}}\n"
    )


WIDE = ".big:\n  script:\n" + "    - echo\n" * 3000 + "".join(f"j{n}: {{extends: .big}}\n" for n in range(3000))
REFERENCES = (
    ".r0: {x: [echo, echo]}\n"
    + "".join(f".r{n}: {{x: [!reference [.r{n - 1}, x], !reference [.r{n - 1}, x]]}}\n" for n in range(1, 25))
    + "job: {script: [!reference [.r24, x]]}\n"
)
VARIABLES = (
    ".big: {variables: {" + ", ".join(f"V{n}: x" for n in range(2000)) + "}}\n"
    + "".join(f"j{n}: {{extends: .big, script: x, variables: {{A: b}}}}\n" for n in range(2000))
)  # fmt: skip


@pytest.mark.parametrize(
    "files",
    [
        doubling(60) + "job: {extends: .e0}\n",
        "a: {extends: b}\nb: {extends: [a, c]}\nc: {extends: [a, b, c]}\n",
        "a: {script: !reference [b, script]}\nb: {script: !reference [a, script]}\n",
        REFERENCES,
        WIDE,
        VARIABLES,
        {".gitlab-ci.yml": "include: ['*.yml']\n", **{f"f{n}.yml": "include: '*.yml'\n" for n in range(30)}},
        {".gitlab-ci.yml": "include: [a.yml, a.yml]\n", "a.yml": "include: [b.yml, b.yml]\n", "b.yml": "include: a.yml\n"},
        "a:\n  script: x\n  parallel:\n    matrix:\n" + "      - {A: [1,2,3,4,5,6,7,8,9], B: [1,2,3,4,5,6,7,8,9]}\n" * 2000,
        "stages: [" + ", ".join(f"s{n}" for n in range(4000)) + "]\n"
        + "".join(f"j{n}: {{stage: s{n}, script: x}}\n" for n in range(4000)),
        "a:\n  script: " + "[" * 150 + "x" + "]" * 150 + "\n",
        "a:\n  script: x\n  rules:\n" + "    - if: $A =~ /((((((.*)*)*)*)*)*)*z/ && $CI_COMMIT_BRANCH =~ /(a+)+$/\n" * 500,
        "a: {script: x, rules: [{if: '" + "(" * 5000 + "'}]}\n",
    ],
    ids=["doubling", "cycles", "reference-cycle", "references", "wide", "variables", "globs", "diamonds", "matrix", "stages",
         "deep", "patterns", "parentheses"],
)  # fmt: skip
def test_hostile_configurations_are_bounded(files: dict[str, str] | str) -> None:
    assert seconds(files) < 8
