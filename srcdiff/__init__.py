"""srcdiff writes the backward pass of a Python/NumPy function as readable source."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from srcdiff.checking import check_grads
    from srcdiff.custom import rule, stop_gradient
    from srcdiff.decorator import derive_backward
    from srcdiff.diagnostics import DerivationError, Diagnostic
    from srcdiff.transforms import (
        elementwise_grad,
        grad,
        hessian,
        hvp,
        jacobian,
        jvp,
        value_and_grad,
        vjp,
    )

__all__ = [
    "DerivationError",
    "Diagnostic",
    "__version__",
    "check_grads",
    "derive_backward",
    "elementwise_grad",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "rule",
    "stop_gradient",
    "value_and_grad",
    "vjp",
]

_HOMES = {
    "DerivationError": "srcdiff.diagnostics",
    "Diagnostic": "srcdiff.diagnostics",
    "check_grads": "srcdiff.checking",
    "derive_backward": "srcdiff.decorator",
    "rule": "srcdiff.custom",
    "stop_gradient": "srcdiff.ir.operators",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for: `import srcdiff` alone costs next to nothing."""
    if name not in __all__:
        raise AttributeError(f"module 'srcdiff' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES.get(name, "srcdiff.transforms")), name)
