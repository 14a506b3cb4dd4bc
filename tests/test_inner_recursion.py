"""Functions inside functions that call themselves stand beside the outer function."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import inner_recursions
import numpy as np
import pytest
from test_scalar_objects import emitted, numbers_in, numeric

from srcdiff import DerivationError, derive_backward, grad, jvp
from srcdiff.cli import main

TEXT = inspect.getsource(inner_recursions)
PROGRAMS: dict[str, tuple[Any, ...]] = {
    "adaptive_simpson": (0.1, 2.0, 1.5),
    "helpers_are_seen": (0.1, 2.0, 1.5),
    "library_functions_are_seen": (1.3, 2.0),
    "the_present_value_is_seen": (1.2, 1.5),
    "several_results": (1.2,),
    "horner": ([1.0, 2.0, 3.0], 2.0),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_an_inner_function_may_call_itself(name: str) -> None:
    function, arguments = getattr(inner_recursions, name), PROGRAMS[name]
    known = numeric(function, arguments)
    by_transform = grad(function, tuple(range(len(arguments))))(*arguments)
    by_decorator = derive_backward(function).backward(*arguments)
    by_command = emitted(name, TEXT)(*arguments)
    single = len(arguments) == 1
    for found in (by_transform, *((v,) if single else v for v in (by_decorator, by_command))):
        assert numbers_in(list(found)) == pytest.approx(known, rel=1e-5, abs=1e-7)
    if name != "horner":  # whose first argument is a list
        tangent = jvp(function, arguments, (1.0,) * len(arguments))[1]
        assert tangent == pytest.approx(sum(known), rel=1e-5)


def trapezoids(f: Any, a: float, b: float) -> Any:
    def rec(lo, hi, n):
        if n == 0:
            return (f(lo) + f(hi)) / 2 * (hi - lo)
        m = (lo + hi) / 2
        return rec(lo, m, n - 1) + rec(m, hi, n - 1)

    return rec(a, b, 6)


def of_lambda(w: float) -> Any:
    return trapezoids(lambda x: np.sin(w * x), 0.0, 2.0)


def test_functions_that_are_arguments_are_seen() -> None:
    assert grad(trapezoids, 2)(np.cos, 0.1, 1.0) == pytest.approx(np.cos(1.0), abs=1e-3)
    assert grad(of_lambda)(1.5) == pytest.approx(numeric(of_lambda, (1.5,))[0], rel=1e-6)


def test_derived_code_in_place_is_found_again(tmp_path: Path) -> None:
    path = tmp_path / "text.py"
    path.write_text(TEXT, encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main([str(path), "--in-place"])
    assert not ended.value.code
    text = path.read_text(encoding="utf-8")
    assert text.count("def rec_inside(") == 1
    with pytest.raises(SystemExit) as ended:
        main([str(path), "--check"])
    assert not ended.value.code
    namespace: dict[str, Any] = {}
    exec(text, namespace)
    known = numeric(inner_recursions.horner, PROGRAMS["horner"])
    assert numbers_in(list(namespace["horner_backward"](*PROGRAMS["horner"]))) == pytest.approx(
        known
    )


REFUSED = {
    "a memory of results": (
        """\
        memo = {}
        def fib(k):
            if k in memo:
                return memo[k]
            if k < 2:
                return x * k
            memo[k] = fib(k - 1) + fib(k - 2)
            return memo[k]
        return fib(5)
        """,
        "fib calls itself and writes into memo",
    ),
    "a count": (
        """\
        calls = 0
        def rec(v):
            nonlocal calls
            calls += 1
            return v if v > 10 else rec(v * 2)
        return rec(x) * calls
        """,
        "rec calls itself and changes a variable",
    ),
    "a list that is filled": (
        """\
        out = []
        def rec(v, n):
            out.append(v)
            if n:
                rec(v * 2, n - 1)
        rec(x, 3)
        return sum(out)
        """,
        "rec calls itself for what it changes",
    ),
    "two functions of one name": (
        """\
        def inner(y):
            def rec(v, n):
                return v if n == 0 else y * rec(v, n - 1)
            return rec(1.0, 2)
        def rec(v, n):
            return v if n == 0 else inner(v) + rec(v * x, n - 1)
        return rec(x, 2)
        """,
        "rec calls itself and is used as a value",
    ),
    "a function as an argument": (
        """\
        def rec(f, n):
            return f(x) if n == 0 else rec(f, n - 1)
        return rec(lambda v: v * v, 2)
        """,
        "rec calls itself and gets functions",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_changes_on_the_way_is_refused(name: str) -> None:
    body, message = REFUSED[name]
    text = "def f(x):\n" + "\n".join(line[4:] for line in body.splitlines()) + "\n"
    with pytest.raises(DerivationError, match=message):
        emitted("f", text)
