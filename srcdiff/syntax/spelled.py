"""Values as text that Python reads back: infinity and NaN have no literal."""

from __future__ import annotations

import cmath
from typing import Any


def spelled(value: Any) -> str:
    """Give the text of a plain value, or of a tuple of them."""
    if isinstance(value, tuple):
        items = ", ".join(map(spelled, value))
        return f"({items},)" if len(value) == 1 else f"({items})"
    if isinstance(value, (float, complex)) and not cmath.isfinite(value):
        return f'{type(value).__name__}("{value}")'
    text = repr(value)
    if isinstance(value, str) and '"' not in text:
        return f'"{text[1:-1]}"'.replace("\\'", "'")
    return text
