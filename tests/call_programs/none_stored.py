"""None stored."""


def helper(x, best=None):
    for i in range(3):
        v = x * (i - 1) ** 2 + x * x
        if best is None or v > best:
            best = v
    return best


def f(x):
    return helper(x) * 2 + helper(x, 5.0)


POINTS = [
    (0.4,),
]
