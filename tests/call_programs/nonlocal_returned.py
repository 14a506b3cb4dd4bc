"""Nonlocal returned."""


def f(x):
    count = 0
    total = 0.0

    def add(v):
        nonlocal total, count
        count += 1
        total += v * count
        return total * v

    a = add(x)
    b = add(x * x)
    return a * b + total


POINTS = [
    (0.7,),
]
