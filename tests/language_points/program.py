"""What is known of one program: arguments, differentiable parameters, outputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Program:
    """A program of the corpus.

    Parameters
    ----------
    points
        The argument tuples to call it with; keyword arguments are in a dict at the end, if
        `keywords`.
    differentiable
        The parameters with a gradient, in the order of the signature: exactly those that
        `derive_backward` finds by itself, unless `asked`.
    outputs
        The arguments that it writes, if it returns nothing.
    asked
        Whether `wrt` names the parameters, because the default isn't settled by the contract: a
        parameter that counts as well as scales, or one that is wholly overwritten.
    keywords
        Whether the last item of each point is a dict of keyword arguments.
    """

    points: tuple[tuple[Any, ...], ...]
    differentiable: tuple[str, ...]
    outputs: tuple[str, ...] = ()
    asked: bool = False
    keywords: bool = False


def program(
    differentiable: str,
    *points: tuple[Any, ...],
    outputs: str = "",
    asked: bool = False,
    keywords: bool = False,
) -> Program:
    """Make a program of names separated by blanks."""
    return Program(points, tuple(differentiable.split()), tuple(outputs.split()), asked, keywords)


class Draws:
    """Random arrays away from zero, the same in each run."""

    def __init__(self, seed: int) -> None:
        self.generator = np.random.default_rng(seed)

    def __call__(self, *shape: int) -> np.ndarray:
        """Give numbers between 0.3 and 1.5."""
        return self.generator.uniform(0.3, 1.5, shape)

    def signed(self, *shape: int) -> np.ndarray:
        """Give numbers of either sign, between 0.2 and 1.2 in size."""
        signs = self.generator.choice([-1.0, 1.0], shape)
        return signs * self.generator.uniform(0.2, 1.2, shape)

    def dominant(self, n: int) -> np.ndarray:
        """Give a matrix with a heavy diagonal."""
        return self(n, n) + 2 * n * np.eye(n)

    def positive(self, n: int) -> np.ndarray:
        """Give a symmetric positive definite matrix."""
        a = self(n, n)
        return a @ a.T + n * np.eye(n)
