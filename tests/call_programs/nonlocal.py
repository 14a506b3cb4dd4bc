"""Nonlocal."""


def f(x):
    total = 0.0

    def add(v):
        nonlocal total
        total = total + v * v

    add(x)
    add(2 * x)
    return total * x


POINTS = [
    (0.7,),
]
