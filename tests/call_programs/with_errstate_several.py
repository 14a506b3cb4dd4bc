"""With errstate several."""

import numpy as np


def f(x):
    with np.errstate(all="ignore"), np.printoptions(precision=2):
        y = np.log(x) * x
    return y


POINTS = [
    (0.4,),
]
