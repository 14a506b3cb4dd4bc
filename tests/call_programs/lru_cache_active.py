"""Lru cache active."""

from functools import lru_cache


@lru_cache
def fib(x, n):
    if n < 2:
        return x
    return fib(x, n - 1) * fib(x, n - 2) + x


def f(x):
    return fib(x, 5)


POINTS = [
    (0.3,),
]
