"""Records behave as `typing.NamedTuple` does in everything the house uses of it."""

from __future__ import annotations

import copy
import pickle
from typing import NamedTuple as Reference

import pytest

from linter.model import Place
from linter.records import NamedTuple


class Ours(NamedTuple):
    """What it is."""

    name: str
    size: int = 3
    tags: tuple[str, ...] = ()

    @property
    def doubled(self) -> int:
        return self.size * 2


class Theirs(Reference):
    """What it is."""

    name: str
    size: int = 3
    tags: tuple[str, ...] = ()

    @property
    def doubled(self) -> int:
        return self.size * 2


@pytest.mark.parametrize("make", [Ours, Theirs])
def test_it_is_a_named_tuple(make: type[Ours]) -> None:
    made = make("a", tags=("x",))
    assert made == ("a", 3, ("x",)) and isinstance(made, tuple) and hash(made) == hash(("a", 3, ("x",)))
    assert (made.name, made.size, made.tags, made.doubled) == ("a", 3, ("x",), 6)
    assert made._replace(size=4) == ("a", 4, ("x",)) and type(made._replace(size=4)) is make
    assert make._make(["b", 1, ()]) == make("b", 1) and made._asdict() == {"name": "a", "size": 3, "tags": ("x",)}
    assert make._fields == ("name", "size", "tags") and make._field_defaults == {"size": 3, "tags": ()}
    assert repr(made) == f"{make.__name__}(name='a', size=3, tags=('x',))" and make.__doc__ == "What it is."
    assert pickle.loads(pickle.dumps(made)) == made and type(copy.copy(made)) is make
    assert not hasattr(made, "__dict__")
    match made:
        case make(name, size, tags=tags):
            assert (name, size, tags) == ("a", 3, ("x",))
    for wrong in (lambda: make(), lambda: make("a", 1, (), 2), lambda: make("a", colour=1), lambda: make._make(["a"])):
        with pytest.raises(TypeError):
            wrong()
    with pytest.raises(ValueError, match="colour"):
        made._replace(colour=1)
    with pytest.raises(AttributeError):
        made.size = 4  # type: ignore[misc]


def test_a_field_without_default_may_not_follow_one_with() -> None:
    with pytest.raises(TypeError, match="without default"):
        type(NamedTuple)(
            "Odd", (NamedTuple,), {"__module__": __name__, "__annotations__": {"a": "int", "b": "int"}, "a": 1}
        )


class Long(NamedTuple):
    a: int
    b: int
    c: int = 3
    d: int = 4
    e: int = 5
    f: int = 6
    g: int = 7
    h: int = 8
    i: int = 9
    j: int = 10


def test_long_records_are_no_different() -> None:
    assert Long(1, 2) == Long(b=2, a=1) == Long(1, b=2, j=10) == tuple(range(1, 11)) == Long(*range(1, 11))
    for wrong in (lambda: Long(1), lambda: Long(*range(11)), lambda: Long(1, 2, a=1), lambda: Long(1, 2, k=1)):
        with pytest.raises(TypeError):
            wrong()


def test_records_of_the_house_are_made_by_it() -> None:
    assert type(Place).__name__ == "type" and Place.__mro__[1].__name__ == "_Record"
