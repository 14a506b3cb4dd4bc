"""Writes by way of views: right by decorator and by text, or refused; never a wrong number."""

from __future__ import annotations

import copy
import inspect
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcdiff import DerivationError, derive_backward, jvp
from srcdiff.file import SourceFile
from srcdiff.wishes import Wish

FOLDER = Path(__file__).resolve().parent / "programs"
sys.path.insert(0, str(FOLDER))

import views  # noqa: E402  # found in the folder above

WIDE = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.5]])
SQUARE = np.array([[1.0, 2.0, 0.5], [0.7, 3.0, 6.0], [7.0, 8.0, 9.5]])
ROW = np.arange(1.0, 7.0) / 3
SQUARES = ("gram_schmidt", "gram_schmidt_T", "diag_r", "diag_c", "diag_fn", "ein")
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "rows_zip": (WIDE, WIDE * 0.5 + 0.3),
    "proc_T2": (SQUARE[:2, :2], WIDE),
    "cond_view": (ROW, 1),
    "cond_T": (SQUARE[:2, :2], 0),
    "swap7": (ROW, 1, 4),
    **dict.fromkeys(SQUARES, (SQUARE,)),
}
"""Of the others, one that takes A takes a matrix, one that takes a or y a vector."""
WRITTEN = {"proc_T": 1, "proc_T2": 1, "proc_cols": 1}
"""Functions that return nothing, with how many of their first arguments they write into."""
# What may be a view or a copy, and views that aren't followed: of items of lists, in branches.
REFUSED = {
    "haar",
    "list_copy2",
    "ravel_t",
    "ravel_c",
    "ravel_param",
    "in_list",
    "in_list3",
    "broadcast_ro",
    "cond_view",
    "while_view",
    "split_list",
    "array_split",
    "ein",
    "ein2",
    "astype_nc",
    "list_copy",
    "nan_num",
    "list_rows",
    "list_same",
    "list_appended_twice",
    "list_item_twice",
    "list_overlapping",
    "comp_rows",
    "hist_alias",
    "hist_row",
    "flatiter",
    "ravel_direct",
    "view_loop_idx",
    "ravel_order",
    "ravel_order2",
    "ravel_f",
    "reshape2",
    "npcopy_reshape",
    "reshape_of_T",
    "reshape_slice",
    "zeros_like_r",
}
IN_TEXT_REFUSED = {"mask_copy2", "gram_schmidt_T", "diag_fn"}
"""Where nothing is known of the arguments."""
OTHER_AXES = {"swap_rows"}
"""Programs of which the text asks for an array of other dimensions, when it runs."""
OF_NUMBERS = {"hist_row"}
"""Those of the refused whose text raises when it runs, because it takes rows for numbers."""
NAMES = [n for n, f in inspect.getmembers(views, inspect.isfunction) if "helper_" not in n]
RETURNING = [n for n in NAMES if n not in WRITTEN and n not in REFUSED]


def arguments(name: str) -> tuple[Any, ...]:
    (first, *_) = inspect.signature(getattr(views, name)).parameters
    return copy.deepcopy(ARGUMENTS.get(name, (WIDE if first == "A" else ROW,)))


def total(name: str, given: tuple[Any, ...], weights: list[Any]) -> float:
    given = copy.deepcopy(given)
    value = getattr(views, name)(*given)
    values = given[: WRITTEN[name]] if value is None else (value,)
    return float(sum(np.sum(v * w) for v, w in zip(values, weights, strict=True)))


def weights_of(name: str) -> list[Any]:
    given = arguments(name)
    value = getattr(views, name)(*given)
    values = given[: WRITTEN[name]] if value is None else (value,)
    draws = np.random.default_rng(5)
    return [draws.uniform(0.5, 1.5, np.shape(v)) if np.ndim(v) else 1.25 for v in values]


def differences(name: str, place: int, weights: list[Any]) -> list[Any]:
    """Give central differences of the weighted outputs, at several steps."""
    tables = []
    for h in (1e-4, 1e-5, 1e-6):
        table = np.zeros(arguments(name)[place].shape)
        for index in np.ndindex(table.shape):
            ends = []
            for step in (h, -h):
                moved = arguments(name)
                moved[place][index] += step
                ends.append(total(name, moved, weights))
            table[index] = (ends[0] - ends[1]) / (2 * h)
        tables.append(table)
    return tables


def assert_right(found: Any, wanted: list[Any]) -> None:
    error = np.min([abs(found - table) for table in wanted], axis=0)
    assert np.all(error <= 1e-6 * (1 + abs(np.asarray(found)))), (found, wanted)


def check(name: str, backward: Callable[..., Any], names: list[str]) -> None:
    given, weights = arguments(name), weights_of(name)
    found = backward(*given, *weights)
    np.testing.assert_equal(given, arguments(name), "an argument is changed")
    np.testing.assert_equal(weights, weights_of(name), "an upstream gradient is changed")
    found = found if len(names) > 1 else (found,)
    parameters = list(inspect.signature(getattr(views, name)).parameters)
    for parameter, gradient in zip(names, found, strict=True):
        assert_right(gradient, differences(name, parameters.index(parameter), weights))


def differentiable(name: str) -> list[str]:
    parameters = inspect.signature(getattr(views, name)).parameters
    return [p for p, v in zip(parameters, arguments(name), strict=True) if np.ndim(v)]


def derived_by_text(name: str) -> tuple[Callable[..., Any], list[str]]:
    path = FOLDER / "views.py"
    file = SourceFile(path.read_text(encoding="utf-8"), path.name)
    result = file.derive(file.chosen(name, Wish()))
    if result.problems:
        raise DerivationError(result.problems)
    module = types.ModuleType(name)
    exec(compile(file.module(result), f"<{name}>", "exec"), module.__dict__)
    wanted = [variable.wish for variable in result.derivations[name].wanted]
    return getattr(module, f"{name}_backward"), wanted


@pytest.mark.parametrize("name", NAMES)
def test_a_write_by_way_of_a_view_is_followed_or_refused(name: str) -> None:
    function = getattr(views, name)
    if name in OF_NUMBERS:
        backward, _ = derived_by_text(name)
        with pytest.raises(TypeError, match="must hold numbers"):
            backward(*arguments(name))
    elif name in REFUSED | IN_TEXT_REFUSED:
        with pytest.raises(DerivationError):
            derived_by_text(name)
    elif name in OTHER_AXES:
        backward, _ = derived_by_text(name)
        with pytest.raises(TypeError, match="must be an array of 1 axis"):
            backward(*arguments(name))
    else:
        check(name, *derived_by_text(name))
    if name in REFUSED:
        with pytest.raises(DerivationError):
            derive_backward(function).backward(*arguments(name))
        return
    names = differentiable(name)
    derive_backward(function, wrt=tuple(names) if len(names) > 1 else names[0])
    check(name, function.backward, names)
    for wanted in names:
        derive_backward(function, wrt=wanted)
        check(name, function.backward, [wanted])


@pytest.mark.parametrize("name", sorted(set(RETURNING) - IN_TEXT_REFUSED - OTHER_AXES))
def test_forward_and_backward_apart_follow_views_too(name: str) -> None:
    for wanted in differentiable(name):
        derived = derive_backward(getattr(views, name), wrt=wanted, mode="split")
        given, weights = arguments(name), weights_of(name)
        out, cache = derived.forward(*given)
        before = copy.deepcopy(out)
        place = list(inspect.signature(getattr(views, name)).parameters).index(wanted)
        for _ in range(2):  # a cache can be used twice
            assert_right(derived.backward(*weights, cache), differences(name, place, weights))
        np.testing.assert_equal(given, arguments(name), "an argument is changed")
        np.testing.assert_equal(out, before, "what was handed out is changed")


@pytest.mark.parametrize("name", RETURNING)
def test_forward_mode_follows_views_too(name: str) -> None:
    given, (weight, *_) = arguments(name), weights_of(name)
    draws = np.random.default_rng(7)
    tangents = [draws.normal(size=np.shape(v)) if np.ndim(v) else None for v in given]
    _, tangent = jvp(getattr(views, name), given, copy.deepcopy(tangents))
    np.testing.assert_equal(given, arguments(name), "an argument is changed")
    along = [0.0, 0.0, 0.0]
    for place, direction in enumerate(tangents):
        if direction is not None:
            tables = differences(name, place, [weight])
            along = [a + np.sum(t * direction) for a, t in zip(along, tables, strict=True)]
    assert_right(np.sum(tangent * weight), along)


def test_what_flat_takes_goes_to_arrays_that_lie_in_any_order() -> None:
    """The gradient is right for arrays in Fortran's order and for parts of others."""
    for array in (np.asfortranarray(WIDE), SQUARE.T[:2], SQUARE[::2]):
        for name in ("flat_w", "flat_iter", "flat_aug", "resh", "loop_T", "transpose_fn"):
            function = getattr(views, name)
            found = derive_backward(function).backward(array)
            plain = derive_backward(function).backward(np.ascontiguousarray(array))
            np.testing.assert_allclose(found, plain, rtol=1e-12)


def test_ravel_of_what_is_not_known_to_lie_in_order_is_refused() -> None:
    with pytest.raises(DerivationError) as caught:
        derived_by_text("ravel_c")
    assert [d.code for d in caught.value.diagnostics] == ["SD110"]
