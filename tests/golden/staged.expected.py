# Derived from staged.py by srcdiff 0.1.0.

import math


def staged_backward(x: float, y: float, df=1.0):
    """Gradients of staged with respect to x and y."""
    # forward pass
    sigy = 1.0 / (1 + math.exp(-y))  # sigmoid in numerator
    num = x + sigy  # numerator
    sigx = 1.0 / (1 + math.exp(-x))  # sigmoid in denominator
    xpy = x + y
    xpysqr = xpy**2
    den = sigx + xpysqr  # denominator
    invden = 1.0 / den

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


def one_line_backward(a: float, b: float, c: float, d: float, dout=1.0):
    """Gradients of one_line with respect to a, b, c and d."""
    # forward pass
    den = c + d
    out = (a + b) / den

    # backward pass
    # backprop out = (a + b) / (c + d)
    da = dout / den
    dc = -out / den * dout
    db = da
    dd = dc
    return da, db, dc, dd


def relu_backward(a: float, dx=1.0):
    """Gradient of relu with respect to a."""
    # backward pass
    # backprop x = max(a, 0)
    da = dx if a > 0 else 0.0
    return da


def bell_backward(x: float, width: float, dout=1.0):
    """Gradients of bell with respect to x and width."""
    # forward pass
    ratio = -x * x / width
    y = math.exp(ratio)

    # backward pass
    # backprop out = y * x
    dy = x * dout
    dx = y * dout
    # backprop y = math.exp(-x * x / width)
    dratio = y * dy
    dx -= 2 * x * dratio / width
    dwidth = -ratio / width * dratio
    return dx, dwidth
