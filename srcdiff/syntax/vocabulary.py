"""How a text calls the functions of libraries: by which names, after which imports."""

from __future__ import annotations

import builtins
import itertools
import math
import operator
import sys
import types
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from srcdiff.ir import operators
from srcdiff.syntax.scope import OPAQUE

MODULES: tuple[tuple[str, Any], ...] = (
    ("numpy", np),
    ("numpy.linalg", np.linalg),
    ("numpy.fft", np.fft),
    ("numpy.random", np.random),
    ("numpy.lib.stride_tricks", np.lib.stride_tricks),
    ("math", math),
    ("operator", operator),
    ("itertools", itertools),
)
SCIPY = ("scipy.special", "scipy.linalg")
"""Modules of an optional library: looked at where a user's module has imported them."""
USUAL = {
    "numpy": "np",
    "math": "math",
    "operator": "operator",
    "builtins": "builtins",
    "copy": "copy",
    "absolute": "abs",
    "conjugate": "conj",
}
"""What people write for a module or function."""
RULE_MODULES = {"np": "numpy", "math": "math"}
"""How the rules' texts call modules."""
METHOD_NAMES = {
    np.sum: "sum",
    np.mean: "mean",
    np.reshape: "reshape",
    np.copy: "copy",
    np.max: "max",
    np.min: "min",
}
ATTRIBUTE_NAMES = {
    np.shape: "shape",
    np.size: "size",
    np.transpose: "T",
    np.ndim: "ndim",
    operators.dtype: "dtype",
    operators.turned: "mT",
    np.real: "real",
    np.imag: "imag",
}


def _paths() -> dict[int, tuple[str, str]]:
    found: dict[int, tuple[str, str]] = {}
    for path, module in MODULES:
        for name, value in vars(module).items():
            if callable(value) and not name.startswith("_"):
                own = getattr(value, "__name__", "") == name
                if own or id(value) not in found:
                    found[id(value)] = (path, USUAL.get(name, name))
    return found


PATHS = _paths()
PATHS[id(operators.stop_gradient)] = ("srcdiff", "stop_gradient")


def _look_at_scipy() -> None:
    """Add the functions of scipy's modules that are imported."""
    for path in SCIPY:
        module = sys.modules.get(path)
        for name, value in vars(module).items() if module is not None else ():
            if callable(value) and not name.startswith("_"):
                PATHS.setdefault(id(value), (path, name))


class Vocabulary:
    """The names that one text has for modules and functions.

    Parameters
    ----------
    bindings
        What the user's module binds: names with the modules and functions of libraries.
    taken
        Names that the text uses for something else.
    shadowed
        Names of builtins that mean something else in the module.
    stops
        Whether the text is to be derived again, and so says where no gradient flows.
    """

    def __init__(
        self,
        bindings: dict[str, Any],
        taken: Iterable[str],
        shadowed: Iterable[str] = (),
        *,
        stops: bool = False,
    ) -> None:
        _look_at_scipy()
        self.stops = stops
        self.taken = frozenset(taken)
        self.shadowed = frozenset(shadowed)
        self.modules: dict[str, str] = {}
        self.direct: dict[int, str] = {}
        for name, value in bindings.items():
            if id(value) in OPAQUE:
                self.direct.setdefault(id(value), name)
            if name in self.taken or not name.isidentifier():  # pytest's own aren't: @py_builtins
                continue
            if isinstance(value, types.ModuleType):
                self.modules.setdefault(value.__name__, name)
            elif callable(value) and id(value) in PATHS:
                self.direct.setdefault(id(value), name)
        self.imports: dict[str, str] = {}
        self.helpers: dict[str, Callable[..., Any]] = {}
        self.bound = frozenset(bindings)

    def reserve(self, names: Iterable[str]) -> None:
        """Keep names for what the text defines itself."""
        self.taken |= frozenset(names)

    def function(self, value: Any) -> str:
        """Give the text that stands for a function, and note the import it needs."""
        name = getattr(value, "__name__", "")
        owner = getattr(value, "__self__", None)
        if isinstance(owner, np.ufunc):
            return f"{self.function(owner)}.{name}"
        if getattr(builtins, name, None) is value:
            plain = name not in self.taken | self.shadowed
            return str(name) if plain else f"{self.module('builtins')}.{name}"
        if id(value) in self.direct and id(value) in OPAQUE:
            return self.direct[id(value)]
        if id(value) in self.direct and getattr(value, "__module__", "") == "math":
            return self.direct[id(value)]
        if id(value) not in PATHS:
            return self.helper(value)
        path, attribute = PATHS[id(value)]
        head, _, rest = path.partition(".")
        if path in self.modules:
            return f"{self.modules[path]}.{attribute}"
        if head == "scipy" and head not in self.modules:
            if id(value) in self.direct:
                return self.direct[id(value)]
            return f"{self.module(path)}.{attribute}"
        inner = f"{rest}.{attribute}" if rest else attribute
        return f"{self.module(head)}.{inner}"

    def module(self, path: str) -> str:
        """Give the text that stands for a module, and note the import it needs."""
        if path not in self.modules:
            package, _, last = path.rpartition(".")
            usual = USUAL.get(path, last)
            free = [usual, f"_{usual}"] if package else [usual, path, f"_{usual}"]
            name = next(n for n in free if n not in self.taken and n not in self.bound)
            self.modules[path] = name
            text = f"from {package} import {last}" if package else f"import {path}"
            self.imports[name] = text if name == last else f"{text} as {name}"
        return self.modules[path]

    def helper(self, value: Callable[..., Any]) -> str:
        """Give the name of a helper function, which the emitted module then defines."""
        name = value.__name__
        while name in self.taken or self.helpers.get(name, value) is not value:
            name += "_"
        self.helpers[name] = value
        return name
