"""`derive_backward` on a class: forward keeps what backward needs, and backward is added."""

from __future__ import annotations

import contextlib
import functools
import inspect
import operator
import sys
import textwrap
import types
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import libcst as cst

from srcdiff.class_source import ClassSource
from srcdiff.class_text import derive_class_text, part_of
from srcdiff.diagnostics import DerivationError, Diagnostic, Section
from srcdiff.ir.types import is_complex
from srcdiff.live import LiveNames, read_live
from srcdiff.outside import bound_outside, origins_of, seen_by_companions
from srcdiff.passes.inner import Part
from srcdiff.signatures import check_real
from srcdiff.syntax.held import NeedsText
from srcdiff.syntax.live_texts import Text, joined, look_at_class, text_beside
from srcdiff.syntax.objects import ObjectScope
from srcdiff.syntax.positions import parse
from srcdiff.syntax.scope import known_module
from srcdiff.text import emitted


def derive_class(cls: type[Any]) -> type[Any]:
    """Give a class with a forward method its backward method.

    Raises
    ------
    DerivationError
        It has no such method, or one that can't be differentiated correctly.
    """
    if hasattr(cls.__dict__.get("backward"), "source"):
        return cls  # it has been derived already
    forward = getattr(cls, "forward", None)
    if hasattr(forward, "__written__"):  # of a class above that was derived
        forward = inspect.unwrap(forward)  # type: ignore[arg-type]  # a function
    if not isinstance(forward, types.FunctionType):
        raise DerivationError(
            [
                Diagnostic(
                    "SD118",
                    f"the class {cls.__name__} has no method forward.",
                    "derive_backward takes a function, or a class with a forward method.",
                )
            ]
        )
    names = LiveNames(forward)
    names.scope.extra[cls.__name__] = cls  # which its module doesn't have yet
    own = _class_text(cls, forward)
    vocabulary = names.vocabulary()
    others: dict[str, Any] = {}
    while True:
        try:
            source = _class_source(cls, own, names, others)
            text = derive_class_text(source, vocabulary)
        except NeedsText as needed:
            others[str(needed)] = names.scope.value(str(needed))
            continue
        break
    whole = emitted([], vocabulary, [text.derivation])
    origins = origins_of(text.derivation, forward)
    whole.companions["forward"] = textwrap.dedent(text.forward)
    whole.companions["backward"] = textwrap.dedent(text.backward)
    module, namespace = names.compiled(whole, origins, cls.__name__)
    function = text.derivation.function
    seen = [(names.scope, tuple(function.reads)), *seen_by_companions(text.derivation, read_live)]
    outside = bound_outside(seen, namespace, names.clash)

    def refresh() -> None:
        namespace.update((name, scope.value(name)) for name, scope in outside.items())

    try:
        attributes = [variable.wish for variable in function.attributes]
        _attach(cls, forward, namespace, module, attributes, refresh, source.called())
    except (AttributeError, TypeError) as error:
        message = f"the class {cls.__name__} can't be given a method: {error}."
        raise DerivationError(
            [Diagnostic("SD118", message, "", forward.__code__.co_filename)]
        ) from None
    cls.backward.part = part_of(text.derivation)  # for the classes that have such objects
    return cls


def _class_text(cls: type[Any], forward: types.FunctionType) -> Text:
    try:
        lines, first = inspect.getsourcelines(cls)
    except (OSError, TypeError):
        raise DerivationError(
            [
                Diagnostic(
                    "SD119",
                    f"the source text of {cls.__name__} isn't to be had.",
                    "Define it in a file or a notebook cell.",
                )
            ]
        ) from None
    text = "".join(lines)
    if text[:1] in " \t":
        text = "if True:\n" + text
        first -= 1
    try:
        positions = parse(text if text.endswith("\n") else text + "\n")
    except RecursionError:
        message = f"{cls.__name__} is nested too deeply."
        hint = "Split long expressions into several statements."
        raise DerivationError([Diagnostic("SD109", message, hint)]) from None
    body: Any = positions.module.body
    if isinstance(body[0], cst.If):
        body = body[0].body.body
    node = next(n for n in body if isinstance(n, cst.ClassDef))
    return Text(positions, node, first, forward.__code__.co_filename)


def _class_source(
    cls: type[Any], own: Text, names: LiveNames, others: dict[str, Any]
) -> ClassSource:
    """Give the class with the texts of others that are written out in it, or stand above it."""
    forward = names.function
    scope = ObjectScope(forward, read_live, look_at_class=look_at_class)
    positions, node, first = own.positions, own.node, own.first
    elsewhere: tuple[Section, ...] = ()
    if others:
        texts = [own, *map(text_beside, others.values())]
        positions, nodes, first, elsewhere = joined(texts, own.filename)
        node = nodes[0]
        scope.take(dict(zip(others, nodes[1:], strict=True)))
    assert isinstance(node, cst.ClassDef)
    above: list[cst.ClassDef] = []
    for base in cls.__mro__[1:]:
        if known_module(base) or base.__module__.split(".")[0] in sys.stdlib_module_names:
            continue
        text = scope.class_text(scope.named(base))
        if text is None:
            break  # what it defines isn't known, nor what those above it
        above.append(text)

    def find(name: str) -> Part | None:
        with contextlib.suppress(NameError):
            return getattr(getattr(names.scope.value(name), "backward", None), "part", None)
        return None

    def lacks(name: str) -> bool:
        with contextlib.suppress(NameError):
            known = names.scope.value(name)
            has = hasattr(known, "backward") or not hasattr(known, "forward")
            return isinstance(known, type) and known is not cls and not has
        return False

    source = ClassSource(node, positions, scope, forward.__code__.co_filename, first)
    return replace(source, find=find, lacks=lacks, elsewhere=elsewhere, above=tuple(above))


def _attach(
    cls: Any,
    forward: types.FunctionType,
    namespace: dict[str, Any],
    module: str,
    attributes: list[str],
    refresh: Callable[[], None],
    called: Iterable[str],
) -> None:
    """Put the derived methods on the class; `called` are the methods that forward calls."""
    run_forward, run_backward = namespace["forward"], namespace["backward"]

    @functools.wraps(forward)
    def counted_forward(self: Any, *args: Any, **kwargs: Any) -> Any:
        read = {name: _attribute(self, name) for name in attributes}
        if any(map(is_complex, (*args, *kwargs.values(), *read.values()))):
            check_real(forward, inspect.signature(forward).bind(self, *args, **kwargs).arguments)
            check_real(forward, {f"self.{name}": value for name, value in read.items()})
        refresh()
        result = run_forward(self, *args, **kwargs)
        forwards, backwards = _calls(self)
        _note_calls(self, (1 if backwards else forwards + 1, 0))
        return result

    @functools.wraps(run_backward)
    def checked_backward(self: Any, *args: Any, **kwargs: Any) -> Any:
        _check_methods(self, cls, used)
        _check_calls(self, cls, counted_forward)
        refresh()
        try:
            return run_backward(self, *args, **kwargs)
        except AttributeError as error:
            if error.name != "backward":
                raise
            raise _without_backward(error.obj, cls) from error

    counted: Any = counted_forward
    counted.__written__ = forward if "forward" in vars(cls) else None
    used = {name: getattr(cls, name, None) for name in called}
    checked: Callable[..., Any] = checked_backward
    checked.source = module  # type: ignore[attr-defined]  # what users print
    cls.forward = counted
    cls.backward = checked


def _without_backward(held: Any, cls: type[Any]) -> RuntimeError:
    """Make the error for an object whose forward is called and that can't be run backwards."""
    name = type(held).__name__
    return RuntimeError(
        f"{cls.__name__}.forward calls the forward of a {name}, which has no backward. Use "
        f"derive_backward on {name} too."
    )


def _attribute(self: Any, path: str) -> Any:
    """Give an attribute of an object, or of one that it has; None where there is none."""
    try:
        return operator.attrgetter(path)(self)
    except AttributeError:
        return None


CALLS = "_srcdiff_calls"


def _calls(self: Any) -> tuple[int, int]:
    """Give how often forward was called since the last backward, and backward since then."""
    return getattr(self, CALLS, (0, 0))


def _note_calls(self: Any, calls: tuple[int, int]) -> None:
    # An object with __slots__ has no room for the count, and goes unchecked.
    with contextlib.suppress(AttributeError):
        object.__setattr__(self, CALLS, calls)


def _check_methods(self: Any, cls: type[Any], used: dict[str, Any]) -> None:
    """Raise where a class below has other methods than those that backward was derived from."""
    for name, method in used.items():
        if getattr(type(self), name, None) is not method:
            own = type(self).__name__
            raise RuntimeError(
                f"{own} has a method {name} of its own, and {cls.__name__}'s backward doesn't "
                f"belong to it. Use derive_backward on {own} too."
            )


def _check_calls(self: Any, cls: type[Any], forward: Callable[..., Any]) -> None:
    """Raise where what backward would read isn't what the matching forward kept."""
    name = type(self).__name__
    if type(self).forward is not forward:
        raise RuntimeError(
            f"{name} has a forward of its own, and {cls.__name__}'s backward doesn't belong to it. "
            f"Use derive_backward on {name} too."
        )
    if not hasattr(self, CALLS):
        if hasattr(self, "__dict__"):
            raise RuntimeError(f"{name}.backward was called before forward")
        return
    forwards, backwards = _calls(self)
    if forwards > 1 and backwards:
        raise RuntimeError(
            f"{name}.forward was called {forwards} times, and backward now again: what the earlier "
            "calls kept is overwritten. Use one object for each call."
        )
    _note_calls(self, (forwards, backwards + 1))
