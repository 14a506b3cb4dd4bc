"""Newton helper with fprime."""


def newton(fun, fprime, x0, args=()):
    x = x0
    for _ in range(6):
        x = x - fun(x, *args) / fprime(x, *args)
    return x


def g(x, a):
    return x * x - a


def dg(x, a):
    return 2 * x


def f(a):
    return newton(g, dg, 1.0, args=(a,))


POINTS = [
    (2.0,),
]
