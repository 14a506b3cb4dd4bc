"""Random draws: constants for the derivative, each drawn once, where the forward pass draws it."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcdiff.ir.types import OTHER, Type, unknown
from srcdiff.rules.registry import METHODS

OWNERS = (np.random.Generator, np.random.RandomState)
NAMES = [
    "random",
    "normal",
    "standard_normal",
    "uniform",
    "integers",
    "choice",
    "permutation",
    "permuted",
    "exponential",
    "standard_exponential",
    "gamma",
    "standard_gamma",
    "beta",
    "binomial",
    "poisson",
    "laplace",
    "logistic",
    "lognormal",
    "multivariate_normal",
    "dirichlet",
    "rand",
    "randn",
    "randint",
    "random_sample",
]
MAKERS = (np.random.default_rng, *OWNERS)


SHAPED = frozenset(
    ["random", "rand", "randn", "randint", "random_sample", "integers", "standard_normal"]
)
"""Draws whose arguments are shapes and bounds of whole numbers alone."""
SINGLE = frozenset(
    [
        "choice",
        "permutation",
        "permuted",
        "exponential",
        "standard_exponential",
        "standard_gamma",
        "poisson",
    ]
)
"""Draws with one argument that isn't a shape; the others have two."""


def telling_arguments(function: Any) -> int:
    """Give how many of a draw's first arguments its numbers depend on."""
    name = getattr(function, "__name__", "")
    if function in MAKERS or function in OF_STATES or name in SHAPED:
        return 0
    return 1 if name in SINGLE else 2


def is_draw(function: Any) -> bool:
    """Whether a function draws from a random generator, or makes one."""
    owner = getattr(function, "__self__", None)
    return isinstance(owner, OWNERS) or function in DRAWS


def _methods() -> dict[str, Any]:
    """Give the methods of generators; of a name that both have, the newer one's."""
    found = {}
    for name in NAMES:
        owner = next(owner for owner in OWNERS if hasattr(owner, name))
        found[name] = getattr(owner, name)
    return found


OF_GENERATORS = _methods()
OF_STATES = [getattr(np.random, name) for name in ("seed", "get_state", "set_state")]
DRAWS = frozenset([*OF_GENERATORS.values(), *MAKERS, *OF_STATES])
METHODS.update({name: f for name, f in OF_GENERATORS.items() if name not in METHODS})


def drawn_type(function: Any) -> Type:
    """Give the type of a draw, or of a function without rule."""
    if function in MAKERS:
        return OTHER
    return unknown(form="number" if is_draw(function) else "any")
