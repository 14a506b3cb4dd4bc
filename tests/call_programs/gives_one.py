"""Gives one."""


def one(x):
    if x > 10:
        return (x,)
    return (x * x,)


def f(x):
    (a,) = one(x)
    return a * x


POINTS = [
    (0.3,),
]
