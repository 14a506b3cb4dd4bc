"""The outputs of a function that returns nothing: what its arguments hold at the end."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcdiff import DerivationError, derive_backward

V = np.array([1.0, 2.0])
W = np.array([3.0, 4.0])
M = np.array([[1.0, 2.0], [3.0, 5.0]])


def slice_under_a_name(b, y):
    w = b[0:2]
    for i in range(2):
        w[i] -= 2 * y[i]
        y[i] = w[i]


def whole_under_a_name(b, y):
    v = b
    v[0] = y[0] * 2
    y[1] = 3 * b[1]


def transposed(b, y):
    v = b.T
    v[0] = y[0] * 2
    y[1] = 3 * b[1, 0]


def row_by_row(b, y):
    for row in b:
        row[0] = row[1] * y[0]
    y[1] = 3 * b[1, 0]


def copied_first(b, y):
    b = b.copy()
    b[0] = y[0]
    y[1] = b[0] * b[1]


def entries_picked(b, y):
    w = b[[0, 1]]
    w[0] = y[0]
    y[1] = w[0] * b[1]


def made_an_array(b, y):
    b = np.asarray(b)
    b[0] = y[0] * 3


OUTPUTS: dict[Callable[..., Any], tuple[Any, str]] = {
    slice_under_a_name: (V, "b y"),
    whole_under_a_name: (V, "b y"),
    transposed: (M, "b y"),
    row_by_row: (M, "b y"),
    copied_first: (V, "y"),
    entries_picked: (V, "y"),
    made_an_array: (V, "b"),
}


@pytest.mark.parametrize("function", OUTPUTS)
def test_what_is_written_by_whatever_name_is_an_output(function: Callable[..., Any]) -> None:
    first, names = OUTPUTS[function]
    point = {"b": first, "y": W}
    rng = np.random.default_rng(3)
    upstream = {f"d{name}": rng.normal(size=np.shape(point[name])) for name in names.split()}
    gradients = derive_backward(function, wrt=("b", "y")).backward(*point.values(), **upstream)

    def total(values: list[np.ndarray]) -> float:
        own = dict(zip(point, map(np.copy, values), strict=True))
        function(**own)
        return float(sum(np.sum(up * own[name[1:]]) for name, up in upstream.items()))

    for place, gradient in enumerate(gradients):
        for index in np.ndindex(gradient.shape):
            ends = []
            for step in (1e-6, -1e-6):
                values = [np.copy(value) for value in point.values()]
                values[place][index] += step
                ends.append(total(values))
            assert gradient[index] == pytest.approx((ends[0] - ends[1]) / 2e-6, abs=1e-6)


def written_then_another(A, x):
    A[0] = 2 * x
    A = A * 3  # the argument keeps what was written


def buffers_that_swap(In, Out):
    for _ in range(2):
        Out[0] = 2 * In[0]
        In, Out = Out, In


@pytest.mark.parametrize("function", [written_then_another, buffers_that_swap])
def test_a_written_argument_whose_name_goes_on_is_refused(function: Callable[..., Any]) -> None:
    with pytest.raises(DerivationError, match="stands for something else") as told:
        derive_backward(function).backward(np.ones(2), np.ones(2))
    start = inspect.getsourcelines(function)[1]
    assert told.value.diagnostics[0].line > start
