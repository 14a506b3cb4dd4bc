"""Staged computation: break an expression into stages, then walk them backwards.

The function f(x, y) = (x + sig(y)) / (sig(x) + (x + y)²) means nothing and is a good exercise. Its
derivative as one formula would be horrible. Written as eight stages, each with a local gradient
that fits on a line, it is easy: for every variable on the way forward (sigy, num, sigx, ...)
there is one on the way back with a d in front, the gradient of the output with respect to it.

Three things to see in the derived code:

- the forward values (sigy, den, invden) are used again, so the forward pass comes first;
- x and y fork into different parts of the circuit: their gradients add up, hence the `+=`;
- a value that backward doesn't read, here f itself, is not computed.

    srcdiff samples/staged_computation.py --in-place
"""

import math


def staged(x: float, y: float):
    """Give (x + sig(y)) / (sig(x) + (x + y)²), where sig is the sigmoid."""
    sigy = 1.0 / (1 + math.exp(-y))  # sigmoid in numerator    (1)
    num = x + sigy  # numerator                                (2)
    sigx = 1.0 / (1 + math.exp(-x))  # sigmoid in denominator  (3)
    xpy = x + y  #                                             (4)
    xpysqr = xpy**2  #                                         (5)
    den = sigx + xpysqr  # denominator                         (6)
    invden = 1.0 / den  #                                      (7)
    f = num * invden  # done!                                  (8)
    return f


# srcdiff: derived from staged. Refresh with: srcdiff FILE --in-place
def staged_backward(x: float, y: float, df=1.0):
    """Gradients of staged with respect to x and y."""
    # forward pass
    sigy = 1.0 / (1 + math.exp(-y))  # sigmoid in numerator    (1)
    num = x + sigy  # numerator                                (2)
    sigx = 1.0 / (1 + math.exp(-x))  # sigmoid in denominator  (3)
    xpy = x + y  #                                             (4)
    xpysqr = xpy**2  #                                         (5)
    den = sigx + xpysqr  # denominator                         (6)
    invden = 1.0 / den  #                                      (7)

    # backward pass
    # backprop f = num * invden
    dnum = invden * df
    dinvden = num * df
    # backprop invden = 1.0 / den
    dden = -(invden**2) * dinvden
    # backprop den = sigx + xpysqr
    dsigx = dden
    dxpysqr = dden
    # backprop xpysqr = xpy**2
    dxpy = 2 * xpy * dxpysqr
    # backprop xpy = x + y
    dx = dxpy
    dy = dxpy
    # backprop sigx = 1.0 / (1 + math.exp(-x))
    dx += (1 - sigx) * sigx * dsigx
    # backprop num = x + sigy
    dx += dnum
    dsigy = dnum
    # backprop sigy = 1.0 / (1 + math.exp(-y))
    dy += (1 - sigy) * sigy * dsigy
    return dx, dy


if __name__ == "__main__":
    x, y = 3.0, -4.0  # example values
    h = 1e-5
    dx, dy = staged_backward(x, y)
    numeric_dx = (staged(x + h, y) - staged(x - h, y)) / (2 * h)
    numeric_dy = (staged(x, y + h) - staged(x, y - h)) / (2 * h)

    print(f"f  = {staged(x, y):.4f}")
    print(f"dx = {dx:.4f}, by central differences {numeric_dx:.4f}")
    print(f"dy = {dy:.4f}, by central differences {numeric_dy:.4f}")
