"""Whole programs with complex numbers, by decorator and by command line, against differences."""

from __future__ import annotations

import copy
import inspect
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rule_points import spread
from test_complex_rules import differences, turned

from srcdiff import check_grads, derive_backward
from srcdiff.cli import main
from srcdiff.file import SourceFile
from srcdiff.wishes import Wish

sys.path.insert(0, str(Path(__file__).parent / "programs"))

import complex_numbers as programs  # the path is made above

V8, V4 = spread(-1, 1, (8,)), spread(-1, 1, (4,))
HERMITIAN = np.array([[1.0, 0.5 - 0.3j, 0.2j], [0.5 + 0.3j, -0.7, 0.4], [-0.2j, 0.4, 0.3]])
Z, W = np.array([1 + 2j, 0.3 - 0.5j]), np.array([0.7, -1.2])
Z3 = turned(spread(-2, 2, (3,)), 1)
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "heat_step": (V8, 2 * np.pi * np.fft.fftfreq(8), 0.1),
    "burgers_energy": (V8, np.arange(5.0), 0.05),
    "spectrum_loss": (V8, np.linspace(0, 1, 5)),
    "image_sharpness": (spread(-1, 1, (4, 5)),),
    "escape": (0.1 + 0.3j,),
    "impedance": (3.0, 0.2, 0.5, np.array([0.5, 1.0, 2.0])),
    "reflected": (30.0, -4.0),
    "expectation": (Z3, HERMITIAN),
    "spin": (0.7, 0.4),
    "filtered": (V4, np.array([1.0, 0.5, 0.2, 0.5])),
    "roots_apart": (1.0, 2.5),
    "rotated": (1.5, -0.5, 0.6),
    "field": (spread(-1, 1, (3,)), Z3, 3 + 1j),
    "phase_lock": (Z3,),
    "solved": (turned(spread(-1, 1, (3, 3)) + 3 * np.eye(3), 2), spread(-1, 1, (3,))),
    "clipped": (turned(spread(-1, 1, (4,)), 0),),
    "chirp": (1.2, 0.7, np.linspace(0, 1, 9)),
}
NAMES = [name for name, _ in inspect.getmembers(programs, inspect.isfunction)]
WITHOUT: dict[str, tuple[str, ...]] = {"chirp": ("t",), "heat_step": ("k",)}
"""Parameters that aren't differentiated."""


def upstreams(output: Any) -> list[Any]:
    """Give an upstream gradient for each output."""
    outputs = output if isinstance(output, tuple) else (output,)
    return [(0.6 + 0.3 * np.arange(np.size(o))).reshape(np.shape(o))[()] for o in outputs]


def expected(name: str, wrt: list[str]) -> list[Any]:
    """Give the gradients by differences."""
    function, arguments = getattr(programs, name), ARGUMENTS[name]
    names = list(inspect.signature(function).parameters)
    given = upstreams(function(*arguments))

    def weighed(place: int, value: Any) -> Any:
        output = function(*arguments[:place], value, *arguments[place + 1 :])
        outputs = output if isinstance(output, tuple) else (output,)
        return sum(np.sum(u * o) for u, o in zip(given, outputs, strict=True))

    places = [names.index(n) for n in wrt]
    return [differences(lambda v, i=i: weighed(i, v), arguments[i], 1.0) for i in places]


def check(found: Any, name: str, wrt: list[str]) -> None:
    """Compare gradients with differences, in kind and value."""
    names = list(inspect.signature(getattr(programs, name)).parameters)
    gradients = found if isinstance(found, tuple) else (found,)
    for parameter, gradient, wanted in zip(wrt, gradients, expected(name, wrt), strict=True):
        argument = ARGUMENTS[name][names.index(parameter)]
        assert np.iscomplexobj(gradient) == np.iscomplexobj(argument), parameter
        np.testing.assert_allclose(gradient, wanted, rtol=1e-7, atol=1e-9, err_msg=parameter)


def test_each_program_has_arguments() -> None:
    assert sorted(ARGUMENTS) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_program_by_the_decorator(name: str) -> None:
    function = getattr(programs, name)
    wrt = [n for n in inspect.signature(function).parameters if n not in WITHOUT.get(name, ())]
    arguments = ARGUMENTS[name]
    outputs = inspect.getsource(function).rstrip().rsplit("return ", 1)[1].split(", ")
    keys = [f"d{o}" if o.isidentifier() else "dout" for o in outputs] if name == "rotated" else []
    given = upstreams(function(*arguments))
    backward = derive_backward(function, wrt=tuple(wrt)).backward
    keys = keys or [list(inspect.signature(backward).parameters)[-1]]
    before = copy.deepcopy(arguments)
    check(backward(*arguments, **dict(zip(keys, given, strict=True))), name, wrt)
    np.testing.assert_equal(arguments, before)


@pytest.mark.parametrize("name", NAMES)
def test_a_program_by_the_command_line(name: str, tmp_path: Path) -> None:
    function = getattr(programs, name)
    wrt = [n for n in inspect.signature(function).parameters if n not in WITHOUT.get(name, ())]
    source, target = inspect.getsourcefile(programs), tmp_path / "derived.py"
    options = ["--function", name, "--wrt", ",".join(wrt), "-o", str(target)]
    with pytest.raises(SystemExit) as end:
        main([str(source), *options])
    assert not end.value.code
    namespace: dict[str, Any] = {}
    exec(target.read_text(encoding="utf-8"), namespace)
    backward = namespace[f"{name}_backward"]
    given = upstreams(function(*ARGUMENTS[name]))
    check(backward(*ARGUMENTS[name], *given), name, wrt)


def test_a_helper_that_takes_complex_numbers_has_second_derivatives():
    check_grads(lambda x: np.sum(np.abs(np.fft.rfft2(x)) ** 2), (np.ones((2, 3)),), order=2)


def test_text_for_real_arguments_refuses_complex_ones() -> None:
    """Where real parts are taken for a parameter, a complex argument would lose one."""
    text = (
        "import numpy as np\n\n\ndef f(x):\n    return np.real(x * 1j * np.exp(1j * x))\n"
        "\n\ndef g(x):\n    return x * x\n"
    )
    file = SourceFile(text, "f.py")
    emitted: dict[str, Any] = {}
    exec(file.module(file.derive(file.chosen(None, Wish()))), emitted)
    assert emitted["f_backward"](0.3) == pytest.approx(-np.sin(0.3) - 0.3 * np.cos(0.3))
    with pytest.raises(TypeError, match="x must be real"):
        emitted["f_backward"](0.3 + 1j)
    assert emitted["g_backward"](0.3 + 1j) == pytest.approx(0.6 + 2j)


def powered(z, n):
    out = z
    for _ in range(n):
        out = out * z + 1j
    return out


def weighed(z):
    total = 0.0
    for i in range(len(z)):
        total = total + np.abs(z[i]) ** 2 * z[i].real
    return total


def mixed(z, w):
    t = z
    for _ in range(2):
        t = t * w
    return np.real(t)


def real_at_first(z, n):
    t = np.arange(1.0, 3.0)
    u = np.zeros(2)
    for i in range(n):
        u = u + np.abs(t * z)
        t = t * z if i else t * 2
    return np.sum(u * np.abs(t))


HELPERS = {
    "a number": (lambda z: np.abs(powered(z, 3)) ** 2, (0.3 + 0.2j,)),
    "arrays": (lambda z: np.sum(np.abs(powered(z, 2))) + weighed(z), (Z,)),
    "real and complex": (
        lambda z, w: np.sum(mixed(z, w) * np.abs(z * w)) + mixed(w, w)[0],
        (Z, W),
    ),
    "complex of real ones": (lambda x: np.sum(np.abs(powered(x * (1 + 2j), 2))), (W,)),
    "a real result, made complex": (lambda z: np.real(np.sum(weighed(z) * z)), (Z,)),
    "real at first": (lambda z: real_at_first(z, 3), (Z,)),
    "real throughout": (lambda z: real_at_first(z, 1), (Z,)),
    "of a rule": (lambda x: np.fft.fft2(x, s=(4, 3)), (np.arange(12.0).reshape(3, 4) ** 0.5,)),
}


@pytest.mark.parametrize("name", HELPERS)
def test_helpers_of_several_statements_take_complex_numbers(name: str) -> None:
    function, args = HELPERS[name]
    check_grads(function, args, order=2)


def test_a_helper_is_derived_for_real_numbers_beside_its_companion_for_complex_ones() -> None:
    text = (
        "import numpy as np\n\n\ndef spin(z, n):\n    out = z\n    for _ in range(n):\n"
        "        out = out * z\n    return out\n\n\ndef f(t):\n"
        "    return np.sum(np.abs(spin(np.exp(1j * t) * t, 2)))\n"
    )
    file = SourceFile(text, "f.py")
    emitted: dict[str, Any] = {}
    exec(file.module(file.derive(file.chosen(None, Wish()))), emitted)
    t = np.array([0.5, 1.5])
    np.testing.assert_allclose(emitted["f_backward"](t), 3 * t**2)
    np.testing.assert_allclose(emitted["spin_backward"](t, 2), 3 * t**2)
