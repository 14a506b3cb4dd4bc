"""Fold leaf sum."""


def fold(t):
    if not isinstance(t, (list, tuple)):
        return t * t + t
    s = 0.0
    for v in t:
        s = s + fold(v)
    return s


def f(t):
    return fold(t)


POINTS = [
    ([1.0, [2.0, 0.5]],),
]
