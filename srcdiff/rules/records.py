"""Functions that emitted code takes along for records: named tuples, dataclasses, plain objects."""

from __future__ import annotations

import numpy as np


def fields_of(x):
    """The fields of a named tuple, dataclass or object by name; None of others."""
    if isinstance(x, tuple) and hasattr(x, "_fields"):
        return dict(zip(x._fields, x, strict=True))
    if isinstance(x, np.ndarray) or hasattr(x, "__name__"):  # a function or module
        return None
    own = getattr(x, "__dict__", None)
    if isinstance(x, (dict, list, tuple)) and not own:  # also of a class of its own
        return None
    names = getattr(x, "__dataclass_fields__", own)
    if names is None:
        return None
    return {name: getattr(x, name) for name in names if own is None or name in own}


def place_of(x, name):
    """The number of a field of x."""
    names = list(fields_of(x) or ())
    if name not in names:
        raise TypeError(f"{name}, no field of {type(x).__name__}, has no gradient")
    return names.index(name)


def zeros_of(x):
    """Zeros in the structure of x; a list for a record, None where x has no numbers."""
    fields = fields_of(x)
    if fields is not None:
        return [zeros_of(value) for value in fields.values()]
    if isinstance(x, dict):
        return {key: zeros_of(value) for key, value in x.items()}
    if isinstance(x, (list, tuple)):
        return [zeros_of(value) for value in x]
    if isinstance(x, np.ndarray) and x.dtype.kind in "biufc":
        return np.zeros(x.shape, np.result_type(x, 1.0))
    return 0.0 if isinstance(x, (int, float, complex, np.number, np.bool_)) else None


def rebuilt(grad, like):
    """The gradient grad with records, lists and tuples where like has them."""
    fields = fields_of(like)
    if fields is not None:
        pairs = zip(grad, fields.values(), strict=True)
        parts = [rebuilt(part, value) for part, value in pairs]
        if isinstance(like, tuple):
            return type(like)(*parts)
        result = type(like).__new__(type(like))
        for name, part in zip(fields, parts, strict=True):
            object.__setattr__(result, name, part)
        return result
    if isinstance(like, dict):
        return {key: rebuilt(grad[key], value) for key, value in like.items()}
    if isinstance(like, (list, tuple)):
        pairs = zip(grad, like, strict=True)
        return type(like)([rebuilt(part, value) for part, value in pairs])
    return grad


def gradients_of(found, count):
    """The gradients that an object's backward gave, one for each argument."""
    if not isinstance(found, tuple) or len(found) != count:
        raise TypeError(f"backward must give gradients of {count} arguments")
    return found
