"""The transforms, in JAX's and autograd's spelling.

They take any callable that can be read: a function, a lambda, a bound method, a partial, an object
with `__call__`, a function of NumPy's, another transform. What they give can be called, and
transformed again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from srcdiff.derivatives import Hessian, Hvp, Jacobian
from srcdiff.elementwise import ElementwiseGrad
from srcdiff.gradients import Argnums, Grad, Transform, ValueAndGrad, either
from srcdiff.inside import Along, Pulled
from srcdiff.products import Jvp, Pullback, Vjp, shared
from srcdiff.signatures import wrong

Function = Callable[..., Any]


def _one_of(argnums: Argnums | None, argnum: Argnums | None) -> Argnums:
    """Give the positions under either spelling, the first if there are none."""
    found = either(argnums, argnum)
    return 0 if found is None else found


def grad(
    function: Function, argnums: Argnums | None = None, *, argnum: Argnums | None = None
) -> Function:
    """Make the function that computes the gradient of a function whose output is one number.

    Parameters
    ----------
    function
        The function; keyword arguments of a call pass through to it, constant.
    argnums, argnum
        The position of the argument to differentiate, for its gradient; several, for a tuple.
        Left out: the first.

    Raises
    ------
    DerivationError
        When it is called: the function can't be differentiated correctly, or its output isn't one
        number.
    """
    return Grad(function, _one_of(argnums, argnum))


def value_and_grad(
    function: Function, argnums: Argnums | None = None, *, argnum: Argnums | None = None
) -> Function:
    """Make the function that computes a function's value and its gradient, as `grad` does."""
    return ValueAndGrad(function, _one_of(argnums, argnum))


def elementwise_grad(
    function: Function, argnums: Argnums | None = None, *, argnum: Argnums | None = None
) -> Function:
    """Make the function that computes the gradient of the sum of a function's outputs.

    For a function that works entry by entry, these are the derivatives of all entries.
    """
    return ElementwiseGrad(function, _one_of(argnums, argnum))


def vjp(function: Function, *args: Any, **kwargs: Any) -> tuple[Any, Pullback]:
    """Compute a function, and make the function that takes gradients back to its arguments.

    Returns
    -------
    out
        The value.
    vjp_fn
        From a gradient of the value's shape, the gradients of the arguments: a tuple with one
        entry for each, None for one without a derivative.
    """
    return _shared(Vjp, function)(*args, **kwargs)  # type: ignore[no-any-return]  # what Vjp gives


def jvp(function: Function, args: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """Compute a function, and how its value changes along a direction.

    Parameters
    ----------
    args
        The arguments.
    tangents
        The direction: for each argument an array of its shape, or None if it stays.

    Returns
    -------
    out, out_tangent
        The value, and its derivative along the direction.
    """
    if not isinstance(args, (tuple, list)) or not isinstance(tangents, (tuple, list)):
        raise wrong(
            "SD117",
            "jvp takes the arguments and the tangents as tuples.",
            "Write jvp(f, (x,), (v,)).",
        )
    if len(args) != len(tangents):
        raise wrong(
            "SD117",
            f"there are {len(args)} arguments, but {len(tangents)} tangents.",
            "Give each argument a tangent, or None.",
        )
    transform: Jvp = _shared(Jvp, function)
    return transform.along(tuple(args), tuple(tangents))


vjp.inside = Pulled  # type: ignore[attr-defined]  # for calls in functions that are read
jvp.inside = Along  # type: ignore[attr-defined]  # the same


def jacobian(
    function: Function, argnums: Argnums | None = None, *, argnum: Argnums | None = None
) -> Function:
    """Make the function that computes all derivatives of all outputs.

    They come as an array with the axes of the output, then those of the argument; in the structure
    of the argument where that is a container.
    """
    return Jacobian(function, _one_of(argnums, argnum))


def hessian(
    function: Function, argnums: Argnums | None = None, *, argnum: Argnums | None = None
) -> Function:
    """Make the function that computes all second derivatives, the Jacobian of the gradient."""
    return Hessian(function, _one_of(argnums, argnum))


def hvp(
    function: Function, argnums: Argnums | None = None, *, argnum: Argnums | None = None
) -> Function:
    """Make the function that multiplies the Hessian with a vector: `hvp(f)(*args, v)`.

    The Hessian itself isn't computed.
    """
    return Hvp(function, _one_of(argnums, argnum))


def _shared(kind: Callable[[Any], Transform], function: Function) -> Any:
    """Give the transform of a function that earlier calls made, if the function can be a key."""
    try:
        return shared(kind, function)
    except TypeError:
        return shared.__wrapped__(kind, function)
