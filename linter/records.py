"""`NamedTuple`, as `typing` has it, at a tenth of the price of making a class.

A scan of one small file makes some fifty such classes. `typing` compiles every annotation and evaluates the source of a
constructor for each class; here annotations stay text, and constructors of one arity share their code. What is left
out: generic records, and the checks of field names that mypy makes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:
    from collections import _tuplegetter
    from types import FunctionType

    _new = tuple.__new__

    class _Record(tuple):
        """What all records share."""

        __slots__ = ()

        @classmethod
        def _make(cls, values):
            made = _new(cls, values)
            if len(made) != len(cls._fields):
                raise TypeError(f"{cls.__name__} takes {len(cls._fields)} values, not {len(made)}")
            return made

        def _replace(self, /, **changes):
            made = _new(type(self), map(changes.pop, self._fields, self))
            if changes:
                raise ValueError(f"{type(self).__name__} has no field {', '.join(map(repr, changes))}")
            return made

        def _asdict(self):
            return dict(zip(self._fields, self, strict=True))

        def __repr__(self):
            shown = ", ".join(f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True))
            return f"{type(self).__name__}({shown})"

        def __getnewargs__(self):
            return tuple(self)

    _SHAPES = (
        lambda _cls: _new(_cls, ()),
        lambda _cls, a: _new(_cls, (a,)),
        lambda _cls, a, b: _new(_cls, (a, b)),
        lambda _cls, a, b, c: _new(_cls, (a, b, c)),
        lambda _cls, a, b, c, d: _new(_cls, (a, b, c, d)),
        lambda _cls, a, b, c, d, e: _new(_cls, (a, b, c, d, e)),
        lambda _cls, a, b, c, d, e, f: _new(_cls, (a, b, c, d, e, f)),
        lambda _cls, a, b, c, d, e, f, g: _new(_cls, (a, b, c, d, e, f, g)),
        lambda _cls, a, b, c, d, e, f, g, h: _new(_cls, (a, b, c, d, e, f, g, h)),
        lambda _cls, a, b, c, d, e, f, g, h, i: _new(_cls, (a, b, c, d, e, f, g, h, i)),
        lambda _cls, a, b, c, d, e, f, g, h, i, j: _new(_cls, (a, b, c, d, e, f, g, h, i, j)),
        lambda _cls, a, b, c, d, e, f, g, h, i, j, k: _new(_cls, (a, b, c, d, e, f, g, h, i, j, k)),
        lambda _cls, a, b, c, d, e, f, g, h, i, j, k, o: _new(_cls, (a, b, c, d, e, f, g, h, i, j, k, o)),
        lambda _cls, a, b, c, d, e, f, g, h, i, j, k, o, m: _new(_cls, (a, b, c, d, e, f, g, h, i, j, k, o, m)),
        lambda _cls, a, b, c, d, e, f, g, h, i, j, k, o, m, n: _new(_cls, (a, b, c, d, e, f, g, h, i, j, k, o, m, n)),
        lambda _cls, a, b, c, d, e, f, g, h, i, j, k, o, m, n, p: _new(
            _cls, (a, b, c, d, e, f, g, h, i, j, k, o, m, n, p)
        ),
        lambda _cls, a, b, c, d, e, f, g, h, i, j, k, o, m, n, p, q: _new(
            _cls, (a, b, c, d, e, f, g, h, i, j, k, o, m, n, p, q)
        ),
    )
    """Constructors by arity, whose code a record takes with the names of its own fields."""

    def _long(cls, /, *values, **named):
        """The constructor of longer records, which are few."""
        if named or len(values) != len(cls._fields):
            given = {**cls._field_defaults, **dict(zip(cls._fields, values, strict=False)), **named}
            twice = [name for name in cls._fields[: len(values)] if name in named]
            if twice or len(values) > len(cls._fields) or given.keys() != set(cls._fields):
                raise TypeError(f"{cls.__name__} takes {', '.join(cls._fields)}")
            values = map(given.__getitem__, cls._fields)
        return _new(cls, values)

    class _Maker(type):
        def __new__(meta, name, bases, namespace):
            if not bases:
                return type.__new__(meta, name, bases, namespace)
            annotations = namespace.get("__annotations__", {})
            fields = tuple(annotations)
            defaults = {field: namespace.pop(field) for field in fields if field in namespace}
            if tuple(defaults) != fields[len(fields) - len(defaults) :]:
                raise TypeError(f"{name}: a field without default after one with default")
            new = _long
            if len(fields) < len(_SHAPES):
                code = _SHAPES[len(fields)].__code__.replace(co_name="__new__", co_varnames=("_cls", *fields))
                new = FunctionType(code, {"_new": _new}, "__new__", tuple(defaults.values()))
            for index, field in enumerate(fields):
                namespace[field] = _tuplegetter(index, "")
            namespace.update(__slots__=(), __new__=new, __match_args__=fields, _fields=fields, _field_defaults=defaults)
            return type(name, (_Record,), namespace)

    class NamedTuple(metaclass=_Maker):
        """The base that a record is written with; its classes derive from tuple alone."""
