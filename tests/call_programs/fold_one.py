"""Fold one."""


def fold(t):
    if not isinstance(t, (list, tuple)):
        return t * t
    s = 0.0
    for v in t:
        a = fold(v)
        s = s + a
    return s


def f(t):
    return fold(t)


POINTS = [
    ([1.0, [2.0, 0.5]],),
]
