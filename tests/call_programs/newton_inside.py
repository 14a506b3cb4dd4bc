"""Newton inside."""

from srcdiff import grad


def g(x, a):
    return x**3 - a


def f(a):
    x = 1.0
    for _ in range(5):
        x = x - g(x, a) / grad(g)(x, a)
    return x


POINTS = [
    (2.0,),
]
