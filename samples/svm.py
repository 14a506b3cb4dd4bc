"""A support vector machine for points in the plane, trained one example at a time.

The score a * x + b * y + c should be above 1 for a positive example and below -1 for a negative
one. The hinge max(0, 1 - label * score) measures by how much it isn't: inside the margin it
pulls with a force of 1, outside it doesn't pull at all, and the conditional in the derived code
is that switch. Regularisation pulls the weights a and b, not the bias c, towards zero.

The training loop is plain Python: what is differentiated is the loss of one example.

    srcdiff samples/svm.py --in-place --function svm_margin_loss --wrt a,b,c
"""


def svm_margin_loss(
    x: float, y: float, a: float, b: float, c: float, label: float, reg: float = 0.01
):
    """Give the hinge loss of one example (x, y) with label 1 or -1, and regularisation."""
    score = a * x + b * y + c
    hinge = max(0.0, 1 - label * score)
    loss = hinge + 0.5 * reg * (a * a + b * b)
    return loss


# srcdiff: derived from svm_margin_loss (--wrt a,b,c). Refresh with: srcdiff FILE --in-place
def svm_margin_loss_backward(
    x: float,
    y: float,
    a: float,
    b: float,
    c: float,
    label: float,
    reg: float = 0.01,
    dloss=1.0,
):
    """Gradients of svm_margin_loss with respect to a, b and c."""
    # forward pass
    score = a * x + b * y + c

    # backward pass
    # backprop loss = hinge + 0.5 * reg * (a * a + b * b)
    dtotal = 0.5 * reg * dloss
    dhinge = dloss
    da = 2 * a * dtotal
    db = 2 * b * dtotal
    # backprop hinge = max(0.0, 1 - label * score)
    dscore = -label * (dhinge if 1 - label * score > 0.0 else 0.0)
    # backprop score = a * x + b * y + c
    da += x * dscore
    db += y * dscore
    dc = dscore
    return da, db, dc


if __name__ == "__main__":
    # x, y and label of each example
    data = [(1.2, 0.7, 1.0), (-0.3, -0.5, -1.0), (3.0, 0.1, 1.0)]
    data += [(-0.1, -1.0, -1.0), (-1.0, 1.1, -1.0), (2.1, -3.0, 1.0)]
    a, b, c = 1.0, -2.0, -1.0
    step_size = 0.05

    x, y, label = data[0]
    h = 1e-5
    for i, gradient in enumerate(svm_margin_loss_backward(x, y, a, b, c, label)):
        up, down = [a, b, c], [a, b, c]
        up[i] += h
        down[i] -= h
        rise = svm_margin_loss(x, y, *up, label) - svm_margin_loss(x, y, *down, label)
        numeric = rise / (2 * h)
        print(f"d{'abc'[i]} = {gradient:.4f}, by central differences {numeric:.4f}")

    for epoch in range(101):
        if epoch % 25 == 0:
            right = sum(label * (a * x + b * y + c) > 0 for x, y, label in data)
            print(f"epoch {epoch:3}: {right} of {len(data)} on the right side")
        for x, y, label in data:
            da, db, dc = svm_margin_loss_backward(x, y, a, b, c, label)
            a -= step_size * da
            b -= step_size * db
            c -= step_size * dc
    print(f"the line: {a:.3f} * x + {b:.3f} * y + {c:.3f} = 0")
