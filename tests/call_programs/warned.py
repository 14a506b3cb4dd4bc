"""Warned."""

import warnings
import numpy as np


def f(x):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        y = np.log(x) * x
    return y


POINTS = [
    (0.4,),
]
