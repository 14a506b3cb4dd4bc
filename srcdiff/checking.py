"""`check_grads`: derived derivatives against differences of the function's values."""

from __future__ import annotations

import functools
import itertools
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from srcdiff.elementwise import WeightedGrad
from srcdiff.gradients import Argnums, either
from srcdiff.products import Jvp, Vjp

STEPS = (1e-3, 1e-4, 1e-5, 1e-6)
COMPLEX_STEP = 1e-30
MOST_ENTRIES = 64
MODES = ("fwd", "rev")
WIDTH = 60


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison: where, what was derived, what the values say, and how sure they are."""

    place: str
    derived: float
    measured: float
    uncertainty: float

    def fits(self, atol: float, rtol: float) -> bool:
        """Whether the two agree."""
        if np.isnan(self.derived) or np.isnan(self.measured):
            return False
        allowed = atol + rtol * max(abs(self.measured), 1.0) + 4 * self.uncertainty
        return bool(abs(self.derived - self.measured) <= allowed)

    def __str__(self) -> str:
        difference = self.derived - self.measured
        return f"{self.place:<24} {self.derived:>16.8g} {self.measured:>16.8g} {difference:>12.3g}"


def check_grads(
    function: Callable[..., Any],
    args: Sequence[Any] | None = None,
    order: int | None = None,
    modes: Sequence[str] = MODES,
    atol: float | None = None,
    rtol: float | None = None,
    eps: float | None = None,
    *,
    seed: int = 0,
    argnums: Argnums | None = None,
    argnum: Argnums | None = None,
) -> Any:
    """Compare derived derivatives with central differences, and raise if they don't agree.

    Parameters
    ----------
    function
        The function; its output is a number, an array, or a tuple of these.
    args
        The arguments. Left out, a function comes back that takes them: autograd's spelling,
        `check_grads(f, order=2)(x, y)`.
    order
        How often to differentiate: 1, or in autograd's spelling 2, where left out.
    modes
        "rev" compares gradients entry by entry, "fwd" the derivative along a direction.
    atol, rtol
        What may be between the two; left out, 1e-6, and 1e-3 for single precision.
    eps
        The step of the differences; left out, several are tried, and the complex step too.
    seed
        Of the directions.
    argnums, argnum
        The arguments to be looked at, a position or several; left out, all that are made of
        floating numbers.

    Raises
    ------
    AssertionError
        They don't agree; its text is a table.
    DerivationError
        The function can't be differentiated correctly.
    """
    options: dict[str, Any] = {"modes": modes, "atol": atol, "rtol": rtol, "eps": eps, "seed": seed}
    options["argnums"] = either(argnums, argnum)
    if args is None:
        return functools.partial(_check_call, function, order or 2, options)
    return _check_call(function, order or 1, options, *args)


def _check_call(
    function: Callable[..., Any], order: int, options: dict[str, Any], *args: Any
) -> None:
    modes = (options["modes"],) if isinstance(options["modes"], str) else options["modes"]
    unknown = [mode for mode in modes if mode not in MODES]
    if unknown:
        raise ValueError(f"there is no mode {unknown[0]!r}; the modes are 'fwd' and 'rev'")
    single = any(a.dtype == np.float32 for a in map(np.asarray, _leaves(args)))
    bound = 1e-3 if single else 1e-6
    atol = bound if options["atol"] is None else options["atol"]
    rtol = bound if options["rtol"] is None else options["rtol"]
    steps = STEPS if options["eps"] is None else (options["eps"],)
    check = _Check(
        function,
        args,
        steps,
        np.random.default_rng(options["seed"]),
        options["argnums"],
    )
    rows = [
        row for mode in modes for row in (check.forward() if mode == "fwd" else check.reverse())
    ]
    wrong = [row for row in rows if not row.fits(atol, rtol)]
    if wrong:
        name = getattr(function, "__name__", "the function")
        head = f"{'':<24} {'derived':>16} {'measured':>16} {'difference':>12}"
        more = [f"... and {len(wrong) - WIDTH} more"] if len(wrong) > WIDTH else []
        table = "\n".join([head, *map(str, wrong[:WIDTH]), *more])
        raise AssertionError(f"the derivatives of {name} don't agree with its values:\n{table}")
    if order > 1:
        for number in range(len(args)):
            if check.moves(number):
                weights = _drawn(check.value, check.random)
                once = WeightedGrad(function, number, weights)
                _check_call(once, order - 1, options, *args)


class _Check:
    """One function at one point.

    Parameters
    ----------
    steps
        Of the differences.
    random
        Draws directions and weights of outputs.
    argnums
        The arguments to be looked at; None for all.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        steps: tuple[float, ...],
        random: np.random.Generator,
        argnums: Argnums | None,
    ) -> None:
        self.function = function
        self.args = args
        several = (argnums,) if isinstance(argnums, (int, np.integer)) else argnums
        self.vjp = Vjp(function, several)
        count = len(args)
        self.numbers = [n + count if n < 0 else n for n in several or range(count)]
        self.steps = steps
        self.random = random
        self.value = function(*args)
        self.is_complex = any(map(np.iscomplexobj, _leaves((self.value, args))))

    def moves(self, number: int) -> bool:
        """Whether an argument is made of floating numbers."""
        floating = (np.asarray(leaf).dtype.kind in "fc" for leaf in _leaves((self.args[number],)))
        return number in self.numbers and any(floating)

    def reverse(self) -> Iterator[Row]:
        """Compare the gradients of a weighted sum of the outputs."""
        weights = _drawn(self.value, self.random)
        _, pullback = self.vjp(*self.args)
        for number, gradient in zip(self.numbers, pullback(weights), strict=True):
            if gradient is None or not self.moves(number):
                continue
            for path, derived in self._entries(gradient):
                place = f"argument {number}" + "".join(f"[{key!r}]" for key in path)
                # The gradient of a complex a + ib is df/da - i df/db.
                for along in (1.0, 1j) if np.iscomplexobj(derived) else (1.0,):
                    direction = _unit(self.args[number], path, along)
                    measured, error = self._measured({number: direction}, weights)
                    shown = place if along == 1.0 else f"{place} imaginary"
                    yield Row(shown, float(np.real(derived * along)), measured, error)

    def _entries(self, gradient: Any) -> list[tuple[tuple[Any, ...], Any]]:
        """Give the entries to be compared: all, or some of very many."""
        found = list(_paths(gradient))
        if len(found) > MOST_ENTRIES:
            chosen = self.random.choice(len(found), MOST_ENTRIES, replace=False)
            found = [found[i] for i in sorted(chosen)]
        return found

    def forward(self) -> Iterator[Row]:
        """Compare the derivative along a direction."""
        moving = [n for n in range(len(self.args)) if self.moves(n)]
        tangents = {n: _drawn(self.args[n], self.random) for n in moving}
        given = tuple(tangents.get(n) for n in range(len(self.args)))
        _, derived = Jvp(self.function).along(self.args, given)
        weights = _drawn(self.value, self.random)
        measured, error = self._measured(tangents, weights)
        yield Row("along a direction", float(np.real(_dot(weights, derived))), measured, error)

    def _measured(self, direction: dict[int, Any], weights: Any) -> tuple[float, float]:
        """Give the derivative of the weighted outputs along a direction, and how sure it is."""

        def at(step: Any) -> Any:
            moved = [
                _moved(argument, direction[n], step) if n in direction else argument
                for n, argument in enumerate(self.args)
            ]
            return _dot(weights, self.function(*moved))

        found = [float(np.real(at(h) - at(-h))) / (2 * h) for h in self.steps]
        if len(found) == 1:
            return found[0], 0.0
        spreads = [abs(a - b) for a, b in itertools.pairwise(found)]
        best = int(np.argmin(spreads))
        measured, spread = found[best + 1], spreads[best]
        exact = None if self.is_complex else self._by_complex_step(at)
        if exact is not None and abs(exact - measured) <= 4 * spread + 1e-6 * abs(measured):
            return exact, 0.0  # it has no rounding error, but only analytic functions allow it
        return measured, spread

    @staticmethod
    def _by_complex_step(at: Callable[[Any], Any]) -> float | None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                value = at(1j * COMPLEX_STEP)
            except Exception:  # noqa: BLE001  # whatever the function makes of a complex number
                return None
        return float(np.imag(value) / COMPLEX_STEP) if np.iscomplexobj(value) else None


def _leaves(tree: Any) -> Iterator[Any]:
    if isinstance(tree, dict):
        tree = list(tree.values())
    if isinstance(tree, (list, tuple)):
        for part in tree:
            yield from _leaves(part)
    elif isinstance(tree, (bool, int, float, complex, np.ndarray, np.generic)):
        yield tree


def _paths(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Give all numbers of a structure with the keys that lead to them."""
    if isinstance(tree, dict):
        for key, part in tree.items():
            yield from _paths(part, (*path, key))
    elif isinstance(tree, (list, tuple)):
        for key, part in enumerate(tree):
            yield from _paths(part, (*path, key))
    elif np.ndim(tree):
        for index in np.ndindex(*np.shape(tree)):
            yield (*path, index if len(index) > 1 else index[0]), tree[index]
    elif tree is not None:
        yield path, tree


def _built(function: Callable[..., Any], tree: Any, *others: Any) -> Any:
    """Apply a function to each number or array of structures that are alike."""
    if isinstance(tree, dict):
        return {key: _built(function, tree[key], *(o[key] for o in others)) for key in tree}
    if isinstance(tree, (list, tuple)):
        parts = [_built(function, *items) for items in zip(tree, *others, strict=True)]
        if hasattr(tree, "_fields"):
            return type(tree)(*parts)
        return type(tree)(parts)
    return function(tree, *others)


def _drawn(tree: Any, random: np.random.Generator) -> Any:
    """Draw numbers in the structure of a value."""

    def draw(leaf: Any) -> Any:
        drawn = random.standard_normal(np.shape(leaf))
        if not np.ndim(leaf):
            return float(drawn)
        return drawn.astype(np.float32) if getattr(leaf, "dtype", None) == np.float32 else drawn

    return _built(draw, tree)


def _unit(tree: Any, path: tuple[Any, ...], step: complex) -> Any:
    """Give the direction of one number of a structure."""
    if isinstance(tree, dict):
        return {k: _unit(v, path[1:], step) if k == path[0] else _still(v) for k, v in tree.items()}
    if isinstance(tree, (list, tuple)):
        return [_unit(v, path[1:], step) if i == path[0] else _still(v) for i, v in enumerate(tree)]
    if not np.ndim(tree):
        return step
    direction = np.zeros(np.shape(tree), np.result_type(step))
    direction[path[0]] = step
    return direction


def _still(tree: Any) -> Any:
    return _built(lambda leaf: np.zeros(np.shape(leaf)) if np.ndim(leaf) else 0.0, tree)


def _moved(tree: Any, direction: Any, step: Any) -> Any:
    """Give a point at a distance along a direction, in double precision."""

    def move(leaf: Any, along: Any) -> Any:
        if not isinstance(leaf, (int, float, complex, np.ndarray, np.generic)):
            return leaf
        number: Any = complex if np.iscomplexobj(leaf) else float
        wide = np.asarray(leaf, number) if np.ndim(leaf) else number(leaf)
        return wide + step * along

    return _built(move, tree, direction)


def _dot(weights: Any, value: Any) -> Any:
    """Give the sum of all products of numbers at the same place."""
    pairs: list[Any] = []
    _built(lambda w, v: pairs.append(np.sum(np.multiply(w, v))), weights, value)
    return sum(pairs)
