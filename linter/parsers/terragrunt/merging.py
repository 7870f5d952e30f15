"""How an included configuration and the one that includes it become one.

Encodes Terragrunt's "include" block: `shallow` (the default) replaces attributes and blocks of the parent, inputs and
labelled blocks one by one; `deep` joins maps recursively and lists end to end, but never remote_state and generate.
"""

from __future__ import annotations

from typing import Any

from linter.model import Map, Seq, Span, Unknown, concatenate, merge, replace

_DEPTH = 40
_LABELLED = frozenset(
    {"generate", "dependency", "feature", "extra_arguments", "before_hook", "after_hook", "error_hook"}
)
_WHOLE = frozenset({"remote_state", "generate"})


def merged(parent: Map, child: Map, strategy: str) -> Map:
    """Two evaluated configurations as one, the child's values winning."""
    result = merge((parent, child), child.span)
    for key in parent:
        if key in child:
            both = parent[key], child[key]
            result[key] = _joined(key, *both, strategy == "deep" and key not in _WHOLE)
    return result


def _joined(key: str, parent: Any, child: Any, deeply: bool) -> Any:
    if key == "inputs":
        return deep(parent, child) if deeply else inputs(parent, child)
    if key == "dependencies":
        return _paths(parent, child)
    if key in _LABELLED and isinstance(parent, Seq) and isinstance(child, Seq):
        return _labelled(parent, child, deeply)
    if key == "terraform" and isinstance(parent, Seq) and isinstance(child, Seq) and parent and child:
        both = parent[-1], child[-1]
        return _single(merged(*both, "shallow"), child) if all(isinstance(each, Map) for each in both) else child
    return deep(parent, child) if deeply else child


def inputs(parent: Any, child: Any) -> Any:
    """Two sets of inputs; what is unknown as a whole leaves the other's open."""
    if isinstance(parent, Map) and isinstance(child, Map):
        return merge((parent, child), child.span)
    known, unknown = (parent, child) if isinstance(parent, Map) else (child, parent)
    if isinstance(known, Map) and isinstance(unknown, Unknown):
        result = opened(known.span, unknown)
        # Over what an unknown child may replace, only its keys are certain.
        values = known if known is child else {}
        for key in values:
            result[key], result.at[key] = known[key], known.at[key]
        return result
    return child if child is not None else parent


def opened(span: Span, unknown: Unknown) -> Map:
    """A mapping of which nothing is known."""
    result = Map(span)
    result.open = unknown
    return result


def deep(parent: Any, child: Any, depth: int = 0) -> Any:
    """Maps recursively, lists end to end, else the child's value."""
    if depth > _DEPTH:
        return Unknown("budget", "a deeply nested merge")
    if isinstance(parent, Map) and isinstance(child, Map):
        result = merge((parent, child), child.span)
        for key in parent:
            if key in child:
                result[key] = deep(parent[key], child[key], depth + 1)
        return result
    if isinstance(parent, Seq) and isinstance(child, Seq):
        return concatenate((parent, child), child.span)
    if isinstance(parent, Unknown) and isinstance(child, (Map, Seq)):
        return inputs(parent, child) if isinstance(child, Map) else parent
    return child


def _labelled(parent: Seq, child: Seq, deeply: bool) -> Seq:
    """Blocks by label: the child's in place of the parent's of the same name."""
    above = {_label(block): block for block in parent}
    mine = {_label(block) for block in child}
    joined = Seq(child.span)
    for index, block in enumerate(parent):
        if _label(block) not in mine:
            joined.append(block)
            joined.at.append(parent.at[index])
    for index, block in enumerate(child):
        name = _label(block)
        joined.append(deep(above[name], block) if deeply and name in above else block)
        joined.at.append(child.at[index])
    return joined


def _label(block: Any) -> str:
    name = block.get("type") if isinstance(block, Map) else None
    return name if isinstance(name, str) else ""


def _paths(parent: Any, child: Any) -> Any:
    """`dependencies` blocks add up, whatever the strategy."""
    if not (isinstance(parent, Seq) and isinstance(child, Seq) and parent and child):
        return child
    last = parent[-1], child[-1]
    if not (isinstance(last[0], Map) and isinstance(last[1], Map)):
        return child
    both = last[0].get("paths"), last[1].get("paths")
    if not (isinstance(both[0], Seq) and isinstance(both[1], Seq)):
        return child
    return _single(replace(last[1], "paths", concatenate((both[0], both[1]), both[1].span)), child)


def _single(block: Map, like: Seq) -> Seq:
    result = Seq(like.span)
    result.append(block)
    result.at.append(like.at[-1])
    return result
