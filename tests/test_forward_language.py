"""Forward mode of programs with control flow and writes in place, against central differences."""

from __future__ import annotations

import copy
import sys
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from language_points import PROGRAMS
from language_reference import Call, call, converged, leaves, rebuilt, reference
from test_language_programs import NAMES, NOT_YET, check_memory, plain, source_file, wish_of

from srcdiff import DerivationError
from srcdiff.live import LiveFunction
from srcdiff.signatures import call_types
from srcdiff.wishes import Wish


def by_text(name: str) -> tuple[Callable[..., Any], str]:
    """Give what `srcdiff FILE --function NAME --mode forward` prints, run."""
    file = source_file(PROGRAMS[name][0])
    result = file.derive(file.chosen(name, Wish(wish_of(name), "jvp")))
    if result.problems:
        raise DerivationError(result.problems)
    text = file.module(result)
    module = types.ModuleType(f"pushed_{name}")
    sys.modules[module.__name__] = module  # where dataclasses look up their annotations
    try:
        exec(compile(text, f"<pushed from {name}>", "exec"), module.__dict__)
    finally:
        del sys.modules[module.__name__]
    return getattr(module, f"{name}_jvp"), text


def by_arguments(name: str, index: int) -> tuple[Callable[..., Any], str]:
    """Give the version for the types of a call's arguments."""
    at = call(name, index)
    live = LiveFunction(at.function)
    values = {**at.arguments, **{name: live.value(name) for name in live.module_variables()}}
    given = call_types(values)
    compiled = live.compiled(at.program.differentiable, "jvp", given)
    return compiled.function(f"{name}_jvp"), compiled.text


def directions(at: Call) -> dict[str, Any]:
    """Give a tangent for each differentiable parameter, in its structure."""
    draws = np.random.default_rng(5)

    def drawn(leaf: Any) -> Any:
        return draws.uniform(-1, 1, np.shape(leaf)) if np.ndim(leaf) else draws.uniform(-1, 1)

    return {
        name: rebuilt(at.arguments[name], map(drawn, leaves(at.arguments[name])))
        for name in at.program.differentiable
    }


def check(name: str, index: int, pushed: Callable[..., Any], text: str) -> None:
    at = call(name, index)
    args, kwargs = at.bind(at.arguments)
    tangents = directions(at)
    given = {f"d{name}": value for name, value in copy.deepcopy(tangents).items()}
    value, moved = pushed(*args, **kwargs, **given)
    np.testing.assert_equal(plain([args, kwargs]), plain(list(at.bind(at.arguments))), text)
    np.testing.assert_equal(plain(list(given.values())), plain(list(tangents.values())), text)
    values, moved = ((value,), (moved,)) if at.single else (value, moved)
    np.testing.assert_equal(plain(values), plain(at.values(at.arguments)), text)
    check_memory(leaves(list(moved)), [*leaves(args), *leaves(kwargs), *leaves(given)])
    weights = leaves(at.upstreams)
    found = sum(np.sum(m * w) for m, w in zip(leaves(list(moved)), weights, strict=True))
    wanted, doubt = 0.0, 0.0
    for parameter, tables in reference(name, index).items():
        for leaf, table in zip(leaves(tangents[parameter]), tables, strict=True):
            wanted += np.sum(leaf * table[2])
            doubt += np.sum(np.abs(converged(table) * (1 + np.abs(table[2]))))
    assert abs(found - wanted) < 1e-6 * (1 + abs(wanted)) + 10 * doubt, (found, wanted, text)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", NAMES)
def test_the_tangent_is_right_by_text_and_by_arguments(name: str) -> None:
    try:
        by_file = by_text(name)
        for index in range(len(PROGRAMS[name][1].points)):
            check(name, index, *by_file)
            check(name, index, *by_arguments(name, index))
    except DerivationError as refusal:
        if name in NOT_YET:
            pytest.xfail(str(refusal))
        raise
