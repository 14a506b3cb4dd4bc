"""No annotation: correct for scalars, vectors and matrices alike."""

import numpy as np


def neuron(w, x, b):
    s = np.dot(x, w) + b
    f = 1.0 / (1 + np.exp(-s))
    return f
