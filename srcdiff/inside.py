"""What `vjp` and `jvp` give inside a function that is differentiated: functions with text."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable
from typing import Any

from srcdiff.cases import KEYWORD
from srcdiff.gradients import Grad, Nestable, Transform, general_of
from srcdiff.request import Mode
from srcdiff.signatures import wrong
from srcdiff.syntax.made import written


class Along(Nestable):
    """A function's value and its derivative along a direction, for arguments of any types."""

    word = "Jacobian-vector product"
    mode: Mode = "jvp"

    def __init__(self, function: Callable[..., Any], places: tuple[int, ...]) -> None:
        if not places:
            raise wrong("SD117", "jvp is called without a tangent.", "Give one argument a tangent.")
        super().__init__(function, places)
        self.__name__ = self.__name__.replace("along", "jvp", 1)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute value and derivative, the tangents given by name."""
        return self.general()(*args, **kwargs)


class Pulled(Transform):
    """The function from arguments and a gradient of the value to the arguments' gradients."""

    word = "vector-Jacobian product"

    def __init__(self, function: Callable[..., Any], count: int) -> None:
        if not count:
            raise wrong("SD117", "vjp is called without arguments.", "Write vjp(f, x).")
        super().__init__(function, tuple(range(count)))
        self.__name__ = self.__name__.replace("pulled", "vjp", 1)
        self._reverse = Grad(function, self.argnums)
        self._made: tuple[types.FunctionType, types.FunctionType] | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the gradients; the last argument is that of the value."""
        return self.general()(*args, **kwargs)

    def general(self) -> types.FunctionType:
        """Give the function for arguments of any types, to be called by another function.

        Raises
        ------
        DerivationError
            It takes the arguments' types to differentiate the function, or it has several outputs.
        """
        backward = self._reverse.general()
        if self._made is None or self._made[0] is not backward:
            upstream, *more = self._reverse.upstreams()
            if more:
                raise wrong(
                    "SD103",
                    "vjp of a function with several outputs isn't supported inside another.",
                    "Take vjp of a function with one output.",
                )
            parameters = inspect.signature(general_of(self.function)).parameters.values()
            keyword = [p.name for p in parameters if p.kind is KEYWORD]
            named = [p.name for p in parameters if p.kind is not KEYWORD]
            named = named[: len(self.argnums)]  # type: ignore[arg-type]  # a tuple
            header = ", ".join([*named, "cotangent", *(["*", *keyword] if keyword else [])])
            given = ", ".join([*named, *(f"{name}={name}" for name in keyword)])
            gradients = ", ".join(f"gradient_{i}" for i in range(len(named)))
            gradients += "," * (len(named) == 1)
            text = (
                f"def pullback({header}):\n"
                f"    {gradients} = backward({given}, {upstream}=cotangent)\n"
                f"    return {gradients.join('()') if len(named) == 1 else gradients}\n"
            )
            self._made = (backward, written(text, "pullback", {"backward": backward}))
        return self._made[1]

    def refresh(self) -> None:
        """Let what is called see the present values of the variables outside."""
        self._reverse.refresh()
