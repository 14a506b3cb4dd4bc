"""What is updated in place and may be an item: taken for a number, and the emitted code makes sure.

Where the update makes no difference to anything read later, nothing is assumed, and arrays are
right too; where it would, the emitted code raises for them.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from srcdiff import DerivationError, derive_backward, hessian
from srcdiff.file import SourceFile
from srcdiff.live import LiveFunction
from srcdiff.signatures import call_types
from srcdiff.wishes import Wish

TEXT = """
import numpy as np


def path_score(emissions, tags, transitions):
    score = emissions[0, tags[0]]
    for i in range(1, len(tags)):
        score += transitions[tags[i - 1], tags[i]]
        score += emissions[i, tags[i]]
    return np.sum(score)


def product_of_sum(x):
    total = x[0]
    for v in x[1:]:
        total += v
    return np.sum(total * x[0])


def scaled_elements(x):
    s = 0.0
    for v in x:
        v *= 2.0
        s += v * x[0]
    return np.sum(s)


def best_prefix(x):
    total = x[0]
    best = total
    for v in x[1:]:
        total += v
        if np.sum(total) > np.sum(best):
            best = total
    return np.sum(best * x[1])


def only_looked_at(x):
    s = x[0]
    for v in x:
        s -= v
    return np.sum(x * x)


def by_another_name(x):
    y = x[1]
    z = y
    z += 3.0
    return np.sum(y * z * x[0])


def swapped(x):
    a, b = x[0], x[1]
    for _ in range(2):
        a, b = b, a
        a += 1.0
    return np.sum(a * b)


def in_a_branch(x, y):
    if y > 1:
        s = x[0]
    else:
        s = 2.0
    s += y
    return np.sum(s * x[0])


def first_and_last(x):
    a = x[0]
    b = x[-1]
    a += 2.0 * b
    return np.sum(a * b)


def pairs(x):
    s = 0.0
    for a, b in x:
        a += b
        s += a * b
    return np.sum(s)


def history(state, n):
    S, I = state["S"], state["I"]
    seen = []
    for _ in range(n):
        new = 0.3 * S * I
        S -= new
        I += new
        seen.append((S, I))
    return np.sum(np.array(seen) ** 2)
"""
ROW, TABLE = np.array([0.5, 1.5, -2.0]), np.array([[0.3, 0.8], [1.1, 0.4], [0.9, 1.7]])
TAGS = [0, 1, 1]
NUMBERS: dict[str, tuple[Any, ...]] = {
    "path_score": (TABLE, TAGS, TABLE[:2] + 1.0),
    "product_of_sum": (ROW,),
    "scaled_elements": (ROW,),
    "best_prefix": (ROW,),
    "only_looked_at": (ROW,),
    "by_another_name": (ROW,),
    "swapped": (ROW,),
    "in_a_branch": (ROW, 1.5),
    "first_and_last": (ROW,),
    "pairs": (TABLE,),
    "history": ({"S": 0.8, "I": 0.1}, 3),
}
DEEP = np.arange(1.0, 13.0).reshape(3, 2, 2) / 7
BOXED = [np.array(0.5), np.array(1.5), np.array(-2.0)]
ARRAYS: dict[str, list[tuple[Any, ...]]] = {
    "path_score": [(DEEP, TAGS, TABLE), (DEEP, np.array(TAGS), DEEP)],
    **{name: [(TABLE,), (DEEP,), (BOXED,), ([[1.0], [2.0]],)] for name in (
        "product_of_sum", "scaled_elements", "best_prefix", "by_another_name", "swapped",
        "first_and_last",
    )},
    "only_looked_at": [(TABLE,)],
    "in_a_branch": [(TABLE, 1.5), (BOXED, 1.5)],
    "pairs": [(DEEP,), ([BOXED[:2], BOXED[1:]],)],
    "history": [({"S": ROW, "I": ROW**2}, 3), ({"S": BOXED[0], "I": BOXED[1]}, 3)],
}  # fmt: skip
KEPT = {
    "apart": "S, I = x[0], x[1]\nfor _ in range(3):\n    S -= 0.1 * I\n    I += S\nreturn S * I",
    "first and rest": "total = x[0]\nfor v in x[1:]:\n    total += v\nreturn total",
    "unread": "s = x[0]\ns += x[1] * x[2]\nreturn s * s",
    "negative": "a, b = x[-1], x[-2]\na += b\nreturn a * b",
    "halves": "a, b = x[:2], x[2:]\na *= 3.0\nreturn np.sum(a) * b",
}


def user_functions() -> dict[str, Any]:
    namespace: dict[str, Any] = {}
    exec(TEXT, namespace)
    return namespace


def emitted(name: str, mode: Any = "joint", text: str = TEXT) -> tuple[dict[str, Any], str]:
    """Give what the command line prints, run, and its text."""
    file = SourceFile(text, "model.py")
    result = file.derive(file.chosen(name, Wish(mode=mode)))
    assert not result.problems, result.problems
    module = file.module(result)
    namespace: dict[str, Any] = {}
    exec(module, namespace)
    return namespace, module


def leaves(value: Any) -> Iterator[tuple[Any, Any]]:
    """Give each container of numbers with the keys of its numbers."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    if isinstance(value, np.ndarray):
        items = ((index, 0.0) for index in np.ndindex(value.shape))
    for key, item in items:
        if isinstance(item, (list, dict)) or np.shape(item):
            yield from leaves(item)
        elif not isinstance(item, int):
            yield value, key


def differences(function: Callable[..., Any], args: tuple[Any, ...], h: float) -> list[float]:
    """Give central differences, place by place, for every number in containers or by itself."""
    found: list[float] = []
    count = len(list(leaves(list(args))))
    for place in range(count):
        ends = []
        for sign in (1, -1):
            moved = copy.deepcopy(list(args))
            holder, key = list(leaves(moved))[place]
            holder[key] = holder[key] + sign * h
            ends.append(float(function(*moved)))
        found.append((ends[0] - ends[1]) / (2 * h))
    return found


def flat(gradients: Any) -> list[float]:
    found = gradients if isinstance(gradients, tuple) else (gradients,)
    return [float(holder[key]) for holder, key in leaves(list(found))]


def unless_refused(backward: Callable[..., Any], *args: Any) -> Any:
    """Give the gradients, or None where deriving or a guard refuses the arguments."""
    try:
        return backward(*args)
    except DerivationError:
        return None
    except TypeError as error:
        if "must be a" not in str(error):
            raise
        return None


def check(function: Callable[..., Any], args: tuple[Any, ...], gradients: Any) -> None:
    for h in (1e-5, 1e-6):
        wanted = differences(function, args, h)
        np.testing.assert_allclose(flat(gradients), wanted, rtol=1e-6, atol=1e-7)


def along(name: str, args: tuple[Any, ...]) -> tuple[list[Any], float]:
    """Give tangents of ones for the containers and numbers that have one, and the difference."""

    def moved(value: Any, h: float) -> Any:
        if isinstance(value, dict):
            return {key: moved(item, h) for key, item in value.items()}
        return value if isinstance(value, (list, int)) else value + h

    function, h = user_functions()[name], 1e-6
    ends = [function(*(moved(copy.deepcopy(a), sign * h) for a in args)) for sign in (1, -1)]
    ones = [moved(_zeros(a), 1.0) for a in args if not isinstance(a, (list, int))]
    return ones, (ends[0] - ends[1]) / (2 * h)


def _zeros(value: Any) -> Any:
    return dict.fromkeys(value, 0.0) if isinstance(value, dict) else value * 0.0


@pytest.mark.parametrize("name", sorted(NUMBERS))
@pytest.mark.parametrize("mode", ["joint", "split", "jvp"])
def test_numbers_are_right_by_text(name: str, mode: str) -> None:
    args = NUMBERS[name]
    given = copy.deepcopy(args)
    function = user_functions()[name]
    module, text = emitted(name, mode)
    assert "np.isscalar(" in text
    if mode == "jvp":
        ones, wanted = along(name, args)
        value, tangent = module[f"{name}_jvp"](*given, *ones)
        np.testing.assert_allclose(value, function(*copy.deepcopy(args)))
        np.testing.assert_allclose(tangent, wanted, rtol=1e-6)
    elif mode == "split":
        value, cache = module[f"{name}_forward"](*given)
        np.testing.assert_allclose(value, function(*copy.deepcopy(args)))
        check(function, args, module[f"{name}_backward"](1.0, cache))
    else:
        check(function, args, module[f"{name}_backward"](*given))
    np.testing.assert_equal(given, args)


@pytest.mark.parametrize("name", sorted(ARRAYS))
@pytest.mark.parametrize("mode", ["joint", "split", "jvp"])
def test_arrays_in_their_place_are_an_error_by_text(name: str, mode: str) -> None:
    """Arrays without axes too, and lists: what is updated in place isn't a new value there."""
    module, _ = emitted(name, mode)
    for args in ARRAYS[name]:
        given = copy.deepcopy(args)
        last = {"joint": "backward", "split": "forward", "jvp": "jvp"}[mode]
        tangents = [a for a in args if a is not TAGS and not isinstance(a, (int, np.integer))]
        more = tangents if mode == "jvp" else []
        if name == "path_score" and mode == "jvp":
            more = [args[0], args[2]]
        with pytest.raises(TypeError, match=r"must be a number: .* would change"):
            module[f"{name}_{last}"](*given, *more)
        np.testing.assert_equal(given, args)


def test_the_guard_stands_right_behind_the_assignment_and_is_kept_without_use() -> None:
    _, text = emitted("only_looked_at")
    backward = text[text.index("def only_looked_at") :]
    assert (
        "    s = x[0]\n"
        "    if not np.isscalar(s):\n"
        '        raise TypeError("s must be a number: s -= ... would change x")\n'
    ) in backward


def test_there_is_one_guard_for_a_sum_unless_the_sum_gets_another_name() -> None:
    assert emitted("path_score")[1].count("isscalar") == 1
    assert emitted("best_prefix")[1].count("isscalar") == 2


def test_a_guard_that_is_there_already_is_enough() -> None:
    guarded = (
        "import numpy as np\n\n\ndef f(x):\n    s = x[0]\n    if not np.isscalar(s):\n"
        '        raise TypeError("a row")\n    s += x[1]\n    return s * x[0]\n'
    )
    module, text = emitted("f", text=guarded)
    assert text.count("isscalar") == 1
    np.testing.assert_allclose(module["f_backward"](ROW), [2.5, 0.5, 0.0])
    with pytest.raises(TypeError, match="a row"):
        module["f_backward"](TABLE)


@pytest.mark.parametrize("annotation", ["float", "list[float]", 'Float[np.ndarray, "n"]'])
def test_no_guard_where_annotations_say_the_rank(annotation: str) -> None:
    text = TEXT.replace("product_of_sum(x)", f"product_of_sum(x: {annotation})")
    if annotation == "float":
        text = "def f(x: float, y: float):\n    s = x\n    s += y\n    return s * x\n"
    name = "f" if annotation == "float" else "product_of_sum"
    assert "isscalar" not in emitted(name, text=text)[1]


@pytest.mark.parametrize("name", sorted(NUMBERS))
def test_the_decorator_makes_a_version_without_a_guard(name: str, tmp_path: Any) -> None:
    function = loaded(TEXT, name, tmp_path)
    args = NUMBERS[name]
    read = LiveFunction(function, ())
    names = function.__code__.co_varnames[: len(args)]
    version = read.compiled(None, "joint", call_types(dict(zip(names, args, strict=True))))
    assert "isscalar" not in version.text
    derive_backward(function)
    assert "isscalar" in function.backward.source
    check(function, args, function.backward(*copy.deepcopy(args)))


@pytest.mark.parametrize("name", sorted(ARRAYS))
def test_the_decorator_is_right_for_arrays_or_refuses_them(name: str, tmp_path: Any) -> None:
    function = derive_backward(loaded(TEXT, name, tmp_path))
    for args in ARRAYS[name]:
        given = copy.deepcopy(args)
        found = unless_refused(function.backward, *given)
        if found is not None:
            check(function, args, found)
        np.testing.assert_equal(given, args)


def loaded(text: str, name: str, folder: Any) -> Any:
    import importlib.util

    path = folder / "model.py"
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("model", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name)


def test_second_derivatives_are_right(tmp_path: Any) -> None:
    function = loaded(TEXT, "product_of_sum", tmp_path)
    np.testing.assert_allclose(hessian(function)(ROW), [[2.0, 1, 1], [1, 0, 0], [1, 0, 0]])


@pytest.mark.parametrize("name", sorted(KEPT))
@pytest.mark.parametrize("mode", ["joint", "split", "jvp"])
def test_what_makes_no_difference_is_right_for_arrays_too(name: str, mode: str) -> None:
    """Different items of one parameter share no memory, as different parameters share none."""
    body = KEPT[name].replace("return ", "return np.sum(") + ")"
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    text = f"import numpy as np\n\n\ndef f(x):\n{lines}"
    namespace: dict[str, Any] = {}
    exec(text, namespace)
    module, derived = emitted("f", mode, text)
    assert "isscalar" not in derived
    rows = [] if name == "halves" else [[np.array([0.5, 2.0]), np.array([1.5, 0.3]), np.ones(2)]]
    for x in (ROW, TABLE, DEEP, *rows):
        given = copy.deepcopy(x)
        if mode == "joint":
            check(namespace["f"], (x,), module["f_backward"](given))
        elif mode == "split":
            check(namespace["f"], (x,), module["f_backward"](1.0, module["f_forward"](given)[1]))
        elif isinstance(x, np.ndarray):
            tangent = module["f_jvp"](given, np.ones_like(x))[1]
            ends = [namespace["f"](x + h) for h in (1e-6, -1e-6)]
            np.testing.assert_allclose(tangent, (ends[0] - ends[1]) / 2e-6, rtol=1e-6, atol=1e-8)
        np.testing.assert_equal(given, x)


@pytest.mark.parametrize(
    "body",
    [
        "a, b = x[0], x[0]\na += 1.0\nreturn np.sum(a * b)",
        "a, b = x[0], x[-3]\na += 1.0\nreturn np.sum(a * b)",
        "a = x[1:]\nb = a[0]\nc = x[1]\nb += 1.0\nreturn np.sum(b * c)",
        "x[1] = x[0]\na, b = x[0], x[1]\na += b\nreturn np.sum(a * b)",
        "a = x[0]\nx = x[::-1]\nb = x[2]\na += 1.0\nreturn np.sum(a * b)",
        "ys = [x[0], x[0]]\na, b = ys[0], ys[1]\na += 1.0\nreturn np.sum(a * b)",
        "a = x[0]\nc = a\nb = x[1]\nc += b\nb *= a\nreturn np.sum(a * b)",
    ],
)
def test_items_that_may_be_the_same_are_not_taken_for_others(body: str) -> None:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    text = f"import numpy as np\n\n\ndef f(x):\n{lines}"
    namespace: dict[str, Any] = {}
    exec(text, namespace)
    module, _ = emitted("f", "joint", text)
    check(namespace["f"], (ROW,), module["f_backward"](ROW.copy()))
    for x in (TABLE, DEEP):
        found = unless_refused(module["f_backward"], x.copy())
        if found is not None:
            check(namespace["f"], (x,), found)


def test_a_class_has_the_guard_in_its_forward_method() -> None:
    class Score:
        def forward(self, x):
            s = x[0]
            s += x[1]
            return s * x[0]

    score = derive_backward(Score)()
    score.forward(ROW)
    np.testing.assert_allclose(score.backward(1.0), [2.5, 0.5, 0.0])
    with pytest.raises(TypeError, match="s must be a number"):
        score.forward(TABLE)


def test_the_emitted_guard_is_valid_where_the_names_mean_something_else() -> None:
    text = "import numpy\n\n\ndef f(x, np, TypeError):\n    s = x[0]\n    s += np\n"
    text += "    return s * x[0] * TypeError\n"
    module, derived = emitted("f", text=text)
    ast.parse(derived)
    dx, dnp, _ = module["f_backward"](ROW, 2.0, 3.0)
    np.testing.assert_allclose(dx, [9.0, 0.0, 0.0])
    np.testing.assert_allclose(dnp, 1.5)
    with pytest.raises(TypeError, match="s must be a number"):
        module["f_backward"](TABLE, 2.0, 3.0)
