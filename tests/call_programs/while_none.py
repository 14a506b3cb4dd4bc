"""While none."""


def helper(x, last=None):
    n = 0
    while last is None or abs(last - x) > 1e-2:
        last = x
        x = (x + 2.0 / x) / 2
        n += 1
        if n > 20:
            break
    return x


def f(x):
    return helper(x)


POINTS = [
    (1.2,),
]
