"""Arrays of all derivatives, and their products: the Jacobian, the Hessian."""

from __future__ import annotations

import contextlib
import inspect
import math
import types
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from srcdiff.cases import KEYWORD, Case, Values
from srcdiff.demands import check_output
from srcdiff.diagnostics import DerivationError
from srcdiff.elementwise import ElementwiseGrad
from srcdiff.gradients import Argnums, Grad, Nestable, Transform, general_of
from srcdiff.ir.types import known_sizes
from srcdiff.live import Compiled
from srcdiff.plain import Plain
from srcdiff.products import Jvp, Vjp
from srcdiff.signatures import wrong
from srcdiff.syntax.made import written


class Made(Transform):
    """A transform whose function for any types calls the backward function for any types."""

    _reverse: ElementwiseGrad | None = None
    _made: tuple[types.FunctionType, types.FunctionType] | None = None

    def reversed(self) -> Callable[..., Any]:
        """Give the function whose backward function is called."""
        return self.function

    def text(
        self, header: str, given: str, wanted: str, upstream: str, names: tuple[str, str]
    ) -> tuple[str, str]:
        """Write the function that calls a function and its backward function; give its name too.

        Parameters
        ----------
        header, given
            The parameters as they are defined, and as they are handed on.
        wanted
            The parameter that is differentiated.
        upstream
            The name of the upstream gradient.
        names
            Of the function, and of its backward function.
        """
        raise NotImplementedError

    def general(self) -> types.FunctionType:
        """Give the function for arguments of any types, to be called by another function.

        Raises
        ------
        DerivationError
            The function can't be differentiated for arguments of any types.
        """
        if not isinstance(self.argnums, int):
            raise wrong(
                "SD103",
                f"the {type(self).word} for several arguments can't be differentiated inside "
                "another function.",
                "Take one argument: argnums=0.",
            )
        if self._reverse is None:
            self._reverse = ElementwiseGrad(self.reversed(), self.argnums)
        backward = self._reverse.general()
        if self._made is None or self._made[0] is not backward:
            (upstream,) = self._reverse.upstreams()
            function = general_of(self._reverse.function)
            parameters = self._parameters(function)
            named = [p.name for p in parameters if p.kind is not KEYWORD]
            keyword = [p.name for p in parameters if p.kind is KEYWORD]
            header = ", ".join([*named, *(["*", *keyword] if keyword else [])])
            given = ", ".join([*named, *(f"{name}={name}" for name in keyword)])
            own = function.__name__ if function.__name__.isidentifier() else "function"
            wanted = named[self.argnums]
            by = f"_by_{wanted}" if self.argnums else ""
            names = own, f"gradient_of_{own}{by}"  # each transform in a function calls its own
            text, name = self.text(header, given, wanted, upstream, names)
            seen = {"np": np, names[0]: function, names[1]: backward}
            made = written(text, name, seen)
            if len(inspect.signature(made).parameters) == len(parameters):  # no vector behind them
                _take_defaults(made, parameters)
            self._made = (backward, made)
        return self._made[1]

    def _parameters(self, function: types.FunctionType) -> list[inspect.Parameter]:
        """Give the parameters of a function without the upstream gradients of a gradient."""
        own = self._reverse.function if self._reverse is not None else None
        without = own.upstreams() if isinstance(own, Nestable) else ()
        parameters = inspect.signature(function).parameters.values()
        return [p for p in parameters if p.name not in without]

    def refresh(self) -> None:
        """Let what is called see the present values of the variables outside."""
        super().refresh()
        if self._reverse is not None:
            self._reverse.refresh()


class Jacobian(Made):
    """The derivatives of all outputs with respect to all entries of an argument."""

    word = "Jacobian"

    def text(
        self, header: str, given: str, wanted: str, upstream: str, names: tuple[str, str]
    ) -> tuple[str, str]:
        """Write the function that calls the general backward function for each output."""
        function, backward = names
        text = (
            f"def jacobian({header}):\n"
            f"    out = {function}({given})\n"
            f"    seeds = np.eye(np.size(out))\n"
            f"    rows = []\n"
            f"    for i in range(np.size(out)):\n"
            f"        part = np.reshape(seeds[i], np.shape(out))[()]\n"
            f"        rows.append({backward}({given}, {upstream}=part))\n"
            f"    return np.reshape(np.stack(rows), np.shape(out) + np.shape({wanted}))\n"
        )
        return text, "jacobian"

    def run(self, case: Case, values: Values, count: int) -> Any:
        """Give an array of the output's axes, then the argument's; in a tuple as the output is."""
        wrt = self.wrt(case, values, count)
        found = self._found(case, values, wrt)
        function = case.compiled(wrt, "joint").derivation.function
        return (found,) if function.gives_one else found

    def _found(self, case: Case, values: Values, wrt: tuple[str, ...] | str) -> Any:
        by_columns = self._by_columns(case, values, wrt)
        if by_columns is not None:
            return by_columns
        compiled = case.compiled(wrt, "split")
        check_output(case, compiled)
        value, cache = case.call(compiled, "forward", values)
        backward = compiled.function(f"{case.name}_backward")
        if len(compiled.derivation.function.outputs) == 1:
            return _rows(lambda row: backward(row, cache), value)
        zeros = [np.zeros(np.shape(v)) if np.ndim(v) else 0.0 for v in value]
        found = []
        for place, part in enumerate(value):
            before, after = zeros[:place], zeros[place + 1 :]
            found.append(_rows(lambda row, b=before, a=after: backward(*b, row, *a, cache), part))  # type: ignore[misc]  # defaults bind what the loop changes
        return tuple(found)

    @staticmethod
    def _by_columns(case: Case, values: Values, wrt: tuple[str, ...] | str) -> Any:
        """Give the Jacobian by forward mode, where the argument has fewer entries than the output.

        None if it has more, or if its entries, or the output's, can't be counted before.
        """
        argument: Any = values[wrt] if isinstance(wrt, str) else None
        if type(argument) not in (float, np.ndarray) or np.asarray(argument).dtype != float:
            return None
        compiled: Compiled | None = None
        with contextlib.suppress(DerivationError):  # then backward passes do
            compiled = case.compiled((str(wrt),), "jvp")
        if compiled is None or len(compiled.derivation.function.values) != 1:
            return None
        known = compiled.derivation.types.of(compiled.derivation.function.values[0])
        sizes = known_sizes(known.shape)
        shape = np.shape(argument)
        count = math.prod(shape)
        fewer = count < math.prod(sizes or ()) or known.kind == "complex"
        if sizes is None or (not sizes and known.kind != "complex") or not (count and fewer):
            return None
        (tangent,) = compiled.derivation.upstream_names()
        columns = []
        for index in np.ndindex(*shape):
            direction = np.zeros(shape)
            direction[index] = 1.0
            given = {tangent: direction if shape else 1.0}
            columns.append(case.call(compiled, "jvp", values, given)[1])
        return np.stack(columns, axis=-1).reshape(*sizes, *shape)

    def plain(self, args: tuple[Any, ...], kwargs: Values) -> Plain:
        """Write the function that calls the backward function for each output."""
        case, values = self.case(args, kwargs)
        wrt = self.wrt(case, values, len(args))
        compiled = case.compiled(wrt, "joint")
        check_output(case, compiled)
        backward = case.derived(compiled, "backward")
        if isinstance(values.get(wrt), (dict, list, tuple)):  # type: ignore[arg-type]  # several names are no key
            raise case.refused(
                "SD101",
                "the Jacobian with respect to a container can't be transformed again.",
                "Take the hessian of a number, or pass the entries as arguments of their own.",
            )
        if not isinstance(wrt, str) or len(compiled.derivation.function.outputs) != 1:
            raise case.refused(
                "SD101",
                "the Jacobian of several outputs or arguments can't be transformed again.",
                "Take one argument: argnums=0.",
            )
        upstream = compiled.derivation.upstream_names()[0]
        value = self._called(args, kwargs)
        if np.ndim(value) == 0:
            return backward
        return _written(backward, upstream, np.shape(value), np.shape(values[wrt]))


def _take_defaults(made: types.FunctionType, parameters: list[inspect.Parameter]) -> None:
    """Give a function that is made the defaults of the function that it is made of."""
    given = [p for p in parameters if p.default is not p.empty]
    made.__defaults__ = tuple(p.default for p in given if p.kind is not KEYWORD)
    made.__kwdefaults__ = {p.name: p.default for p in given if p.kind is KEYWORD}


def _written(
    backward: Plain, upstream: str, shape: tuple[int, ...], inner: tuple[int, ...]
) -> Plain:
    """Write the function that stacks what the backward function gives for each output."""
    function = backward.function
    parameters = [p for p in inspect.signature(function).parameters.values() if p.name != upstream]
    header = ", ".join(
        p.name if p.default is p.empty else f"{p.name}={p.default!r}" for p in parameters
    )
    given = ", ".join(parameter.name for parameter in parameters)
    count = int(np.prod(shape))
    text = (
        f"def jacobian({header}):\n"
        f"    rows = []\n"
        f"    for i in range({count}):\n"
        f"        rows.append({function.__name__}({given}, {upstream}=basis[i]))\n"
        f"    return np.reshape(np.stack(rows), {(*shape, *inner)!r})\n"
    )
    basis = np.eye(count).reshape(count, *shape)
    made = written(text, "jacobian", {"np": np, "basis": basis, function.__name__: function})
    return replace(backward, function=made)


def _rows(backward: Callable[[Any], Any], value: Any) -> Any:
    """Give the Jacobian from the gradients of each entry of an output."""
    shape = np.shape(value)
    if shape == ():
        return backward(1.0)
    dtype = np.result_type(value, np.float16)
    rows = []
    for index in np.ndindex(*shape):
        row = np.zeros(shape, dtype)
        row[index] = 1
        rows.append(backward(row))
    if rows:
        return _stacked(rows, shape)
    empty = backward(np.zeros(shape, dtype))
    return _mapped(lambda part: np.zeros((*shape, *np.shape(part)), dtype), empty)


def _stacked(rows: list[Any], shape: tuple[int, ...]) -> Any:
    """Put gradients of one structure together, entry by entry of the output."""
    first = rows[0]
    if isinstance(first, dict):
        return {key: _stacked([row[key] for row in rows], shape) for key in first}
    if isinstance(first, (list, tuple)):
        return _rebuilt(first, [_stacked([*parts], shape) for parts in zip(*rows, strict=True)])
    return np.stack(rows).reshape(*shape, *np.shape(first))


def _rebuilt(like: Any, items: list[Any]) -> Any:
    """Give items in a list or tuple of the type of another one."""
    return type(like)(*items) if hasattr(like, "_fields") else type(like)(items)


def _in_blocks(part: Any, around: Callable[[Any], Any], pullback: Callable[[Any], Any]) -> Any:
    """Give what comes back for each entry of a part of a gradient, in the part's structure.

    Parameters
    ----------
    around
        Gives the whole gradient that is zero around a part.
    pullback
        Takes a gradient back.
    """
    if isinstance(part, dict):
        none = _mapped(np.zeros_like, part)
        return {
            key: _in_blocks(item, lambda p, key=key: around({**none, key: p}), pullback)  # type: ignore[misc]  # defaults bind what the loop changes
            for key, item in part.items()
        }
    if isinstance(part, (list, tuple)):
        none = [*_mapped(np.zeros_like, part)]

        def placed(place: int) -> Callable[[Any], Any]:
            return lambda p: around(_rebuilt(part, [*none[:place], p, *none[place + 1 :]]))

        return _rebuilt(part, [_in_blocks(p, placed(i), pullback) for i, p in enumerate(part)])
    return _rows(lambda row: pullback(around(row)), part)


def _mapped(function: Callable[[Any], Any], tree: Any) -> Any:
    """Apply a function to each number or array of a gradient."""
    if isinstance(tree, dict):
        return {key: _mapped(function, value) for key, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        return _rebuilt(tree, [_mapped(function, value) for value in tree])
    return function(tree)


class Hessian(Transform):
    """The second derivatives: the Jacobian of the gradient.

    With respect to a dict, list or tuple they come as one that holds, for each entry, one.
    """

    word = "Hessian"

    def __init__(self, function: Callable[..., Any], argnums: Argnums = 0) -> None:
        super().__init__(function, argnums)
        self._gradient = Jacobian(Grad(function, self.argnums), self.argnums)
        self._jacobian = Jacobian(Jacobian(function, self.argnums), self.argnums)
        self._vjp = Vjp(Grad(function, self.argnums), self.argnums)

    def general(self) -> types.FunctionType:
        """Give the function for an output that is one number."""
        return self._gradient.general()

    def refresh(self) -> None:
        """Let what is derived see the present values outside."""
        self._gradient.refresh()

    def _inner(self, args: tuple[Any, ...], kwargs: Values) -> Jacobian:
        case, values = self.case(args, kwargs)
        compiled = case.compiled(self.wrt(case, values, len(args)), "joint")
        check_output(case, compiled)
        outputs = compiled.derivation.function.outputs
        shape = compiled.derivation.types.of(outputs[0].value).shape
        one = len(outputs) == 1 and (shape == () or np.shape(self._called(args, kwargs)) == ())
        return self._gradient if one else self._jacobian

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute at these arguments."""
        case, values = self.case(args, kwargs)
        if isinstance(values.get(self.wrt(case, values, len(args))), (dict, list, tuple)):  # type: ignore[arg-type]  # several names are no key
            gradient, pullback = self._vjp(*args, **kwargs)
            return _in_blocks(gradient, lambda whole: whole, pullback)
        return self._inner(args, kwargs)(*args, **kwargs)

    def plain(self, args: tuple[Any, ...], kwargs: Values) -> Plain:
        """Write the function that computes it."""
        return self._inner(args, kwargs).plain(args, kwargs)


class Hvp(Made):
    """The product of the Hessian with a vector: the gradient's own backward pass."""

    word = "Hessian-vector product"

    def __init__(self, function: Callable[..., Any], argnums: Argnums = 0) -> None:
        super().__init__(function, argnums)
        self._gradient = Grad(function, self.argnums)
        self._vjp = Vjp(self._gradient, self.argnums)

    def reversed(self) -> Callable[..., Any]:
        """Give the function whose backward function is called: the gradient."""
        return self._gradient

    def text(
        self, header: str, given: str, wanted: str, upstream: str, names: tuple[str, str]
    ) -> tuple[str, str]:
        """Write the function that calls the gradient's own backward function."""
        del wanted
        text = f"def hvp({header}, vector):\n    return {names[1]}({given}, {upstream}=vector)\n"
        return text, "hvp"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute at these arguments, of which the last is the vector."""
        if len(args) < 2:
            raise wrong(
                "SD117", "a Hessian-vector product takes the arguments, then the vector.", ""
            )
        *point, vector = args
        try:
            _, pullback = self._vjp(*point, **kwargs)
        except DerivationError as refused:
            with contextlib.suppress(DerivationError):  # forward mode keeps nothing
                if not kwargs:
                    return self._along(tuple(point), vector)
            raise refused from None
        return pullback(vector)

    def _along(self, point: tuple[Any, ...], vector: Any) -> Any:
        """Give how the gradient changes along the vector, which is the same."""
        numbers, vectors = self.argnums, vector
        if isinstance(numbers, int):
            numbers, vectors = (numbers,), (vector,)
        moving = {n % len(point): v for n, v in zip(numbers, vectors, strict=True)}
        tangents = tuple(moving.get(place) for place in range(len(point)))
        _, change = Jvp(self._gradient).along(point, tangents)
        return change
