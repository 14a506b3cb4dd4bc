"""srcdiff writes the backward pass of a Python/NumPy function as readable source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from srcdiff.decorator import derive_backward
    from srcdiff.diagnostics import DerivationError, Diagnostic

__all__ = ["DerivationError", "Diagnostic", "__version__", "derive_backward"]


def __getattr__(name: str) -> Any:
    """Import what is asked for: `import srcdiff` alone costs next to nothing."""
    if name == "derive_backward":
        from srcdiff.decorator import derive_backward

        return derive_backward
    if name in ("DerivationError", "Diagnostic"):
        from srcdiff import diagnostics

        return getattr(diagnostics, name)
    raise AttributeError(f"module 'srcdiff' has no attribute {name!r}")
