"""Indexing helpers; an element itself, x[index], is the engine's own."""

from __future__ import annotations

import numpy as np

from srcdiff.rules.registry import elementwise


@elementwise(np.where, takes_complex=True)
def where_backward(condition, x, y, *, dz):
    """Gradients of np.where(condition, x, y) with respect to x and y."""
    dx = np.where(condition, dz, 0)
    dy = np.where(condition, 0, dz)
    return dx, dy
