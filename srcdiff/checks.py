"""The lines at the top of an emitted function that refuse what it wasn't derived for."""

from __future__ import annotations

from dataclasses import replace

from srcdiff.ir.nodes import Function, Parameter, Read
from srcdiff.ir.types import INTEGER, Type
from srcdiff.passes.joined import never_lists
from srcdiff.pipeline import Derivation
from srcdiff.syntax.layout import NARROW, STEP
from srcdiff.syntax.vocabulary import Vocabulary


def checks(derivation: Derivation, vocabulary: Vocabulary) -> list[str]:
    """Give the lines that refuse arguments of other kinds than those derived for."""
    lines = rank_checks(derivation, vocabulary)
    for parameter in fixed(derivation.function):
        lines += _must_be(parameter)
    for variable in never_lists(derivation.function, derivation.types):
        if variable not in derivation.assumed.ranks:
            text = variable.wish
            lines += [
                f"{STEP}if isinstance({text}, (list, tuple)):",
                f'{STEP * 2}raise TypeError("{text} must be an array or a number")',
            ]
    return [*lines, *_kind_checks(derivation, vocabulary)]


def fixed(function: Function) -> list[Parameter]:
    """Give the parameters that are taken to be the functions that their defaults are."""
    return [parameter for parameter in function.parameters if parameter.fixed]


def _must_be(parameter: Parameter) -> list[str]:
    text, usual = parameter.variable.wish, parameter.default
    line = f'{STEP * 2}raise TypeError("{text} must be {usual}, as derived")'
    if len(line) > NARROW:
        line = f'{STEP * 2}raise TypeError("{text} must be what it is by default")'
    return [f"{STEP}if {text} is not {usual}:", line]


def _kind_checks(derivation: Derivation, vocabulary: Vocabulary) -> list[str]:
    """Give the lines that refuse complex arguments, where real parts are taken for them."""
    types = derivation.types
    complex_ = any(known.kind == "complex" for known in types.variables.values())
    if derivation.request.given is not None or not complex_:
        return []
    stated = {Type("scalar", "float", ()), INTEGER}
    asked = [v for v in derivation.wanted if types.of(Read(v)).kind != "complex"]
    names = [v.wish for v in asked if replace(types.of(Read(v)), value=None) not in stated]
    if not names:
        return []
    test = f"{vocabulary.module('numpy')}.iscomplexobj"
    several = f"any(map({test}, ({', '.join(names)})))"
    return [
        f"{STEP}if {several if len(names) > 1 else f'{test}({names[0]})'}:",
        f'{STEP * 2}raise TypeError("{listed(names)} must be real, as derived")',
    ]


def rank_checks(derivation: Derivation, vocabulary: Vocabulary) -> list[str]:
    """Give the lines that refuse arrays of other dimensions than those derived for."""
    lines: list[str] = []
    for variable, rank in derivation.assumed.ranks.items():
        text = variable.wish
        array = f"{vocabulary.module('numpy')}.ndarray"
        if rank == 0:
            lines += [
                f"{STEP}if not {vocabulary.module('numpy')}.isscalar({text}):",
                f'{STEP * 2}raise TypeError("{text} must be a number")',
            ]
            continue
        axes = "" if rank is None else f" of {rank} {'axis' if rank == 1 else 'axes'}"
        more = "" if rank is None else f" or {text}.ndim != {rank}"
        lines += [
            f"{STEP}if not isinstance({text}, {array}){more}:",
            f'{STEP * 2}raise TypeError("{text} must be an array{axes}")',
        ]
    return lines


def listed(names: list[str]) -> str:
    """Give names as a person lists them: x, y and z."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
