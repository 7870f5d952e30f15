"""The condition language: operators by their truth tables, three values, quantifiers, absence, places."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.conditions import ABSENT, ConditionError, Leaf, compile_condition, segments
from linter.conditions.operators import equal, number
from linter.conditions.paths import PathError
from linter.model import Estate, Map, Resource, Seq, Source, Unit, Unknown, UnknownValueError

UNKNOWN = Unknown("missing-input", "var.x", "pass it")
SET = Unknown("run-time", "aws_kms_key.x.arn", not_null=True)
FILLED = Unknown("run-time", "aws_kms_key.x.key_id", not_null=True, not_empty=True)
PREFIXED = Unknown("run-time", "arn", prefix="arn:aws:", not_null=True)


def tree(value: Any, at: list[int] | None = None) -> Any:
    """Plain values as Map and Seq, each entry at an offset of its own, in the order of writing."""
    at = at if at is not None else [0]
    if isinstance(value, dict):
        made = Map((0, at[0], at[0]))
        for key, item in value.items():
            at[0] += 10
            start = at[0]
            made[key] = tree(item, at)
            made.at[key] = (0, start, start + 1, start + 2, start + 3)
        return made
    if isinstance(value, list):
        listed = Seq((0, at[0], at[0]))
        for item in value:
            at[0] += 10
            start = at[0]
            listed.append(tree(item, at))
            listed.at.append((0, start, start, start, start + 1))
        return listed
    return value


def resource(body: Any, **context: Any) -> Resource:
    return Resource("x/y", "y.a", "a", Unit("x", ""), tree(body), (0, 0, 1), (0, 0, 100_000), context=context)


ESTATE = Estate()
ESTATE.sources.append(Source(0, "a.tf", ""))


def answer(spec: Any, body: Any, positive: bool = True, **context: Any) -> bool | None:
    it = resource(body, **context)
    return compile_condition(spec, positive).holds(it.body, it, ESTATE)


@pytest.mark.parametrize(
    ("test", "value", "expected"),
    [
        (True, True, True), (True, "true", True), (True, False, False), (True, 1, False), (True, UNKNOWN, None),
        (443, 443, True), (443, "443", True), (443, 443.0, True), (443, True, False), (1, True, False),
        ("a", "a", True), ("80", 80, True), ("a", None, False), ("a", ABSENT, False), ("x", PREFIXED, False),
        ("arn:aws:s3", PREFIXED, None), ([], [], True), (["a"], ["a"], True), (["a"], ["b"], False),
        ({"one_of": ["a", "b"]}, "b", True), ({"one_of": ["a"]}, "c", False), ({"one_of": ["a"]}, UNKNOWN, None),
        ({"one_of": ["a"]}, PREFIXED, False), ({"none_of": ["a"]}, "a", False), ({"none_of": ["a"]}, "b", True),
        ({"none_of": ["a"]}, ABSENT, False), ({"none_of": ["a"], "absent": "pass"}, ABSENT, True),
        ({"present": True}, "", True), ({"present": True}, None, False), ({"present": True}, UNKNOWN, None),
        ({"present": True}, SET, True), ({"present": False}, SET, False), ({"present": False}, ABSENT, True),
        ({"empty": False}, [], False), ({"empty": False}, ["a"], True), ({"empty": True}, "", True),
        ({"empty": True}, ABSENT, False), ({"empty": False}, SET, None), ({"empty": False}, 0, True),
        ({"empty": False}, FILLED, True), ({"empty": True}, FILLED, False), ({"empty": False}, PREFIXED, True),
        ({"matches": "^a"}, "abc", True), ({"matches": "^a"}, "bca", False), ({"matches": "^1"}, 12, True),
        ({"matches": "^true$"}, True, True), ({"matches": "x"}, {}, False),
        ({"at_least": 7}, 7, True), ({"at_least": 7}, "6", False), ({"at_least": "1Gi"}, "2048Mi", True),
        ({"at_most": "500m"}, 1, False), ({"at_most": "500m"}, "250m", True), ({"at_least": 1}, "much", False),
        ({"at_least": 1}, True, False), ({"contains": "a"}, ["a", "b"], True), ({"contains": ["a", "c"]}, ["a"], False),
        ({"contains": "a"}, ["b", UNKNOWN], None), ({"contains": "a"}, ["a", UNKNOWN], True),
        ({"contains": "x"}, [PREFIXED], False), ({"contains": "k"}, {"k": 1}, True), ({"contains": "b"}, "abc", True),
        ({"contains_any": ["x", "a"]}, ["a"], True), ({"contains_any": ["x"]}, ["a"], False),
        ({"subset_of": ["a", "b"]}, ["a"], True), ({"subset_of": ["a"]}, ["a", "c"], False),
        ({"subset_of": ["a"]}, ["c", UNKNOWN], False), ({"subset_of": ["a"]}, ["a", UNKNOWN], None),
        ({"length": {"at_least": 2}}, ["a"], False), ({"length": {"at_most": 1}}, ["a"], True),
        ({"version": ">= 1.27, < 2"}, "1.31.2", True), ({"version": ">= 1.27"}, "1.9", False),
        ({"version": "= 1.3"}, "v1.3.9", True), ({"version": ">= 1"}, "latest", False),
        ({"cidr": "world"}, "0.0.0.0/0", True), ({"cidr": "world"}, "::/0", True), ({"cidr": "world"}, "10.0.0.0/8", False),
        ({"cidr": "private"}, "192.168.1.0/24", True), ({"cidr": "private"}, "8.8.8.8/32", False),
        ({"cidr": "private"}, "no address", False), ({"secret": True}, "AKIAIOSFODNN7EXAMPLE", True),
        ({"secret": True}, "hello", False), ({"equals": "a"}, "a", True),
    ],
)  # fmt: skip
def test_operator_truth_table(test: Any, value: Any, expected: bool | None) -> None:
    body = {} if value is ABSENT else {"k": value}
    assert answer({"k": test}, body) is expected


def test_require_wants_every_element_and_forbid_one() -> None:
    body = {"rule": [{"port": 22}, {"port": 80}]}
    assert answer({"rule.port": 22}, body) is False
    assert answer({"rule.port": 22}, body, positive=False) is True
    assert answer({"rule.port": 23}, body, positive=False) is False


def test_an_empty_list_is_absent() -> None:
    assert answer({"rule.port": 22}, {"rule": []}) is False
    assert answer({"rule.port": {"equals": 22, "absent": "pass"}}, {"rule": []}) is True
    assert answer({"rule.port": 22}, {"rule": []}, positive=False) is False


def test_absent_speaks_of_the_judgement_whatever_the_polarity() -> None:
    assert answer({"k": {"equals": 1, "absent": "fail"}}, {}, positive=False) is True
    assert answer({"k": {"equals": 1, "absent": "pass"}}, {}, positive=False) is False
    assert answer({"not": {"k": {"equals": 1, "absent": "fail"}}}, {}) is False


def test_scalar_operators_on_a_list_ask_its_elements() -> None:
    assert answer({"cidrs": {"cidr": "world"}}, {"cidrs": ["10.0.0.0/8", "0.0.0.0/0"]}, positive=False) is True
    assert answer({"cidrs": {"cidr": "private"}}, {"cidrs": ["10.0.0.0/8", UNKNOWN]}) is None
    assert answer({"cidrs": {"cidr": "private"}}, {"cidrs": ["8.8.8.8/32", UNKNOWN]}) is False


def test_open_collections_may_hold_what_is_not_in_view() -> None:
    body = tree({"tags": {"a": 1}, "list": ["a"]})
    body["tags"].open = UNKNOWN
    body["list"].open = UNKNOWN
    it = Resource("x/y", "y.a", "a", Unit("x", ""), body, (0, 0, 1), (0, 0, 1000))
    for spec, expected in (
        ({"tags.owner": {"present": True}}, None), ({"tags.a": 1}, True), ({"list": {"contains": "z"}}, None),
        ({"list": {"contains": "a"}}, True), ({"list": {"subset_of": ["a"]}}, None), ({"list": {"length": {"at_most": 0}}}, False),
        ({"list": {"length": {"at_least": 1}}}, True), ({"tags": {"empty": False}}, True),
    ):  # fmt: skip
        assert compile_condition(spec).holds(body, it, ESTATE) is expected, spec


def test_has_wants_one_element_that_satisfies_all() -> None:
    body = {"setting": [{"name": "a", "value": "off"}, {"name": "b", "value": "on"}]}
    assert answer({"setting": {"has": {"name": "b", "value": "on"}}}, body) is True
    assert answer({"setting": {"has": {"name": "a", "value": "on"}}}, body) is False
    assert answer({"setting": {"has": {"name": "a", "value": "off"}}}, {"setting": [UNKNOWN]}) is None


def test_star_and_quoted_keys_and_contexts() -> None:
    assert answer({"data.*": {"matches": "s3cret"}}, {"data": {"x": "a", "y": "s3cret"}}, positive=False) is True
    assert answer({'annotations."a.b/c"': 1}, {"annotations": {"a.b/c": 1}}) is True
    assert answer({"$pod.hostPID": True}, {}, pod=tree({"hostPID": True})) is True
    assert answer({"$nothing.here": {"present": False}}, {}) is True
    assert segments('a.*."b.c"') == ("a", "*", "b.c")


@pytest.mark.parametrize(
    "spec",
    [
        {}, [], {"k": {"like": 1}}, {"k": {"absent": "maybe"}}, {"k": {"present": "yes"}}, {"any": {}}, {"linked": {"kind": "a/b"}},
        {"linked": {"kind": "a/b", "by": "c", "via": "d"}}, {"linked": {"kind": "a/b", "by": "c", "whose": 1}}, {"a..b": 1},
        {'"a': 1}, {"k": {"version": "newest"}}, {"k": {"length": 3}}, {"k": {"cidr": "home"}}, {"k": {"at_least": "many"}},
    ],
)  # fmt: skip
def test_what_cannot_be_compiled_says_so(spec: Any) -> None:
    with pytest.raises((ConditionError, PathError)):
        compile_condition(spec)


TRUTHS = st.sampled_from([True, False, None])


def _body(truth: bool | None) -> Any:
    return UNKNOWN if truth is None else truth


@given(st.lists(TRUTHS, min_size=1, max_size=4))
def test_connectives_follow_kleene(truths: list[bool | None]) -> None:
    body = {f"k{number}": _body(truth) for number, truth in enumerate(truths)}
    parts = [{f"k{number}": True} for number in range(len(truths))]
    low = False if False in truths else None if None in truths else True
    high = True if True in truths else None if None in truths else False
    assert answer({"all": parts}, body) is low
    assert answer({"any": parts}, body) is high
    assert answer({"not": {"any": parts}}, body) is (None if high is None else not high)


@given(st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.sampled_from(["a", "", "0.0.0.0/0", "2Gi"]), st.just(UNKNOWN)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2)),
    max_leaves=12,
))  # fmt: skip
def test_no_value_makes_an_operator_raise(value: Any) -> None:
    tests = ["a", True, 1, ["a"], {"present": True}, {"empty": True}, {"one_of": ["a"]}, {"matches": "a"}, {"contains": "a"},
             {"contains_any": ["a"]}, {"subset_of": ["a"]}, {"length": {"at_least": 1}}, {"at_least": 1}, {"at_most": 1},
             {"version": "> 1"}, {"cidr": "world"}, {"cidr": "private"}, {"secret": True}, {"has": {"a": 1}}]  # fmt: skip
    it = resource({"k": value})
    for positive in (True, False):
        for path in ("k", "k.a", "k.*", "k.a.b"):
            for test in tests:
                compiled = compile_condition({path: test}, positive)
                found = compiled.holds(it.body, it, ESTATE)
                assert found in (True, False, None)
                leaf = compiled.locate(Leaf(it.body, it.anchor, ""), it, ESTATE, found)
                assert leaf.span[1] <= leaf.span[2]


def test_locate_names_the_innermost_written_entry() -> None:
    it = resource({"a": {"b": {"c": 1}}})
    start = Leaf(it.body, it.anchor, "")
    wrong = compile_condition({"a.b.c": 2}).locate(start, it, ESTATE, False)
    assert (wrong.path, wrong.span) == ("a.b.c", (0, 32, 33))
    missing = compile_condition({"a.b.d": 2}).locate(start, it, ESTATE, False)
    assert (missing.value, missing.span) == (ABSENT, (0, 20, 21))
    nothing = compile_condition({"z.y": 2}).locate(start, it, ESTATE, False)
    assert nothing.span == it.anchor


def test_places_outside_the_resource_stay_at_the_entry_that_brought_them() -> None:
    it = Resource("x/y", "y.a", "a", Unit("x", ""), tree({"a": [1]}), (0, 0, 1), (0, 0, 15))
    leaf = compile_condition({"a": 2}).locate(Leaf(it.body, it.anchor, ""), it, ESTATE, False)
    assert leaf.span == (0, 10, 11)
    assert leaf.outside == (0, 20, 21)


def test_unknown_refuses_to_be_guessed() -> None:
    for act in (
        lambda: UNKNOWN == 1,
        lambda: bool(UNKNOWN),
        lambda: list(UNKNOWN),
        lambda: UNKNOWN < 1,
        lambda: 1 in UNKNOWN,
    ):
        with pytest.raises(UnknownValueError):
            act()


@given(st.integers(-(10**6), 10**6))
def test_numbers_read_as_they_are_written(value: int) -> None:
    assert number(str(value)) == value == number(value)
    assert equal(value, str(value))
