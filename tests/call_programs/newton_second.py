"""Newton second."""

from srcdiff import grad


def energy(x, a):
    return x**4 - a * x


def f(a):
    x = 1.0
    d1 = grad(energy)
    d2 = grad(grad(energy))
    for _ in range(5):
        x = x - d1(x, a) / d2(x, a)
    return x


POINTS = [
    (2.0,),
]
