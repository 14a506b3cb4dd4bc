"""Even odd mutual."""


def even(x, n):
    return x if n == 0 else 2 * x * odd(x, n - 1)


def odd(x, n):
    return x * x if n == 0 else x + even(x, n - 1)


def f(x):
    return even(x, 4)


POINTS = [
    (0.7,),
]
