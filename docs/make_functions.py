"""Write docs/functions.md from the registry of rules: python docs/make_functions.py [--check].

Each public function of NumPy and of math, and each method and attribute of arrays, has a line that
says what srcdiff does with it.
"""

from __future__ import annotations

import builtins
import inspect
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from srcdiff.passes.apply import differentiable
from srcdiff.passes.arguments import their_parameters
from srcdiff.passes.restated import CHANGES
from srcdiff.rules import registry
from srcdiff.rules.draws import is_draw
from srcdiff.rules.refused import NOT_WRITTEN, REASONS, reason_against
from srcdiff.rules.registry import Rule

PAGE = Path(__file__).resolve().parent / "functions.md"
INTRODUCTION = """\
# Functions

<!-- written by docs/make_functions.py from the registry of rules; change it there -->

What srcdiff does with each public function of NumPy and of Python's math, and with the methods and
attributes of arrays. The page was written with NumPy {version}.

- **gradient of** names the arguments that get gradients, and then those that the rule understands
  besides.
- **complex too** says that the arguments may be complex; elsewhere complex ones are refused. The
  gradient of a real number that depends on a + ib is df/da - i df/db, as in JAX and autograd.
- **zero** says that the derivative is zero wherever there is one, or that the result has no
  gradient: a truth value, a position, a shape, a new array. Such a function may be called anywhere.
- **in place** says that the call stands as a statement of its own, and that what it overwrites is
  followed.
- **refused** says why a call of it can't be differentiated; the message says it too. The function
  may be called all the same with what depends on nothing that is differentiated.
"""
IN_PLACE = frozenset(["np.copyto", "np.fill_diagonal", "np.add.at", "ndarray.fill"])
"""What the reader of statements follows."""
INDEXED = {
    "np.c_": "gradient of the arrays joined",
    "np.r_": "gradient of the arrays joined",
    "np.s_": "the index that it is",
    "np.mgrid": "zero, for how many points there are; where they lie is refused",
    "np.ogrid": "zero, for how many points there are; where they lie is refused",
}
"""What is written with square brackets."""
SECTIONS: tuple[tuple[str, str, Any], ...] = (
    ("NumPy", "np", np),
    ("Linear algebra", "np.linalg", np.linalg),
    ("Windows on memory", "np.lib.stride_tricks", np.lib.stride_tricks),
    ("Fourier transforms", "np.fft", np.fft),
    ("Random numbers", "np.random", np.random),
    ("Python's math", "math", math),
)
INDEX_TRICKS = ("c_", "r_", "mgrid", "ogrid", "s_", "index_exp")
BUILTINS = ("abs", "complex", "divmod", "float", "int", "len", "max", "min", "pow", "round", "sum")


def public(module: Any) -> Iterator[tuple[str, Any]]:
    """Give the public functions of a module, by their names."""
    for name in sorted(dir(module)):
        value = getattr(module, name)
        error = isinstance(value, type) and issubclass(value, BaseException)
        wanted = callable(value) and not error and not inspect.ismodule(value)
        if not name.startswith("_") and (wanted or (module is np and name in INDEX_TRICKS)):
            yield name, value


def members() -> Iterator[str]:
    """Give the names of the public methods and attributes of arrays."""
    yield from (name for name in sorted(dir(np.ndarray)) if not name.startswith("_"))


def does(name: str, function: Any, *, method: bool = False) -> str | None:
    """Give what srcdiff does with a function, in words; None if nothing says so."""
    if name in IN_PLACE:
        return "in place"
    if name in INDEXED:
        return INDEXED[name]
    rules = [table.get(function) for table in (registry.RULES, registry.RARE)] if function else []
    found = [rule for rule in rules if rule is not None]
    if found:
        complex_too = found[0].takes_complex or function in registry.OF_COMPLEX
        text = _gradients(function, found, method=method)
        return f"{text}; complex too" if complex_too else text
    if is_draw(function):
        return "zero: what was drawn is a constant, assigned to a name of its own"
    if function in CHANGES and not method:
        return f"gradient of its arguments: {CHANGES[function].__doc__}"
    if function in registry.FLAT and function in registry.OF_COMPLEX:
        return "gradient of the argument if it is complex, else zero"
    if function in registry.FLAT:
        return "zero"
    reason = REASONS.get(name) or (reason_against(function) if not method else "")
    return f"refused: {reason}" if reason else None


def _gradients(function: Any, rules: list[Rule], *, method: bool) -> str:
    """Name the arguments that get gradients, and those that the rules understand besides."""
    names = {name: None for rule in rules for name in differentiable(rule)}
    all_names = {p.name: None for rule in rules for p in registry.forward_parameters(rule)}
    others = [name for name in all_names if name not in names]
    theirs = list(their_parameters(function))
    if any(registry.extra_arguments(rule) for rule in rules):
        theirs = []
    first = registry.forward_parameters(rules[0])
    written = {}
    for place, parameter in enumerate(first):
        known = parameter.name in theirs or place >= len(theirs)
        written[parameter.name] = parameter.name if known else theirs[place]
    texts = {name: f"`{written.get(name, name)}`" for name in all_names}
    if method and first:
        texts[first[0].name] = "the array"
    text = f"gradient of {', '.join(texts[name] for name in names)}"
    return text + (f"; takes {', '.join(texts[name] for name in others)}" if others else "")


def rows() -> Iterator[tuple[str, str, str | None]]:
    """Give each section's title, and what is done with each function in it."""
    for title, prefix, module in SECTIONS:
        for name, function in public(module):
            yield title, f"{prefix}.{name}", does(f"{prefix}.{name}", function)
    for name in members():
        function = registry.METHODS.get(name) or registry.ATTRIBUTES.get(name)
        yield "Arrays", f"ndarray.{name}", does(f"ndarray.{name}", function, method=True)
    for name in BUILTINS:
        yield "Python", name, does(name, getattr(builtins, name))
    for name, function in _methods_of_ufuncs():
        yield "Methods of universal functions", name, does(name, function)


def _methods_of_ufuncs() -> list[tuple[str, Any]]:
    """Give the methods of ufuncs that have a meaning: np.add.reduce."""
    found = [f for f, _ in registry.all_rules() if isinstance(owner(f), np.ufunc)]
    named = {f"np.{owner(f).__name__}.{f.__name__}": f for f in found}
    return sorted({**named, "np.add.at": np.add.at}.items())


def owner(function: Any) -> Any:
    """Give what a method belongs to."""
    return getattr(function, "__self__", None)


def page() -> str:
    """Give the whole page."""
    registry.load()
    lines = [INTRODUCTION.format(version=".".join(np.__version__.split(".")[:2]))]
    title = ""
    for section, name, text in rows():
        if section != title:
            title = section
            lines += [f"\n## {title}\n", "| function | |", "|---|---|"]
        lines.append(f"| `{name}` | {text or 'refused: ' + NOT_WRITTEN} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the page, or check that it is fresh; give the exit code."""
    before = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    after = page()
    if before == after:
        return 0
    if "--check" in sys.argv:
        print("out of date: docs/functions.md; run python docs/make_functions.py")
        return 1
    PAGE.write_text(after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
