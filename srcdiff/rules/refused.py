"""Why a function has no derivative rule, for diagnostics and for docs/functions.md.

Names are dotted: `np.unique`, `math.ulp`, `ndarray.view`. A function that isn't in the registry has
its reason here, and one that is has none.
"""

from __future__ import annotations

import functools
import math
import types

import numpy as np

from srcdiff.rules import helpers, ranks, records
from srcdiff.rules.registry import AnyFunction

FILES = "it reads or writes files, memory or text"
SETTING = "it asks for a setting of NumPy's or of the machine, or changes it"
TEXT = "its result is text"
WRITES = "it writes into its argument"
LIKENESS = "which elements the result has depends on which are equal"
HISTOGRAM = "it counts how many elements lie between edges, which is a step function of them"
POLYNOMIAL = "it gives several results, or an object"
LIBRARY_OBJECT = "it makes an object that srcdiff doesn't follow; work with arrays"
CALLBACK = "it calls a function for parts of an array, which srcdiff doesn't follow; write a loop"
OLD_CLASS = "np.matrix and np.bmat are discouraged by NumPy; work with arrays"
MEMORY = "it looks at an array's memory, not at its numbers"
RANDOM_STATE = "it makes or changes the state of a random generator, which is an effect"
DRAW = "a draw is a constant; write the parameters outside of it, mu + sigma * noise"
RECORDS = "it makes records, text or dates, which have no gradient"
BITS = "it reads bits, not numbers"
TESTS = "it runs NumPy's own tests"
LOWER_LEVEL = "it is a base class; call a function that makes an array"
ONE_UNIT = "it moves a number by its last digit; differentiate the number itself"
DATES = "it counts days of a calendar"
NOT_WRITTEN = "its rule hasn't been written"

BY_REASON: dict[str, str] = {
    FILES: """np.load np.save np.savez np.savez_compressed np.loadtxt np.savetxt np.genfromtxt
        np.fromfile np.frombuffer np.fromstring np.fromregex np.fromiter np.memmap np.from_dlpack
        ndarray.tofile ndarray.dump ndarray.dumps ndarray.tobytes""",
    SETTING: """np.seterr np.geterr np.seterrcall np.geterrcall np.setbufsize np.getbufsize
        np.set_printoptions np.get_printoptions np.printoptions np.errstate np.show_config
        np.show_runtime np.get_include np.info np.set_numeric_ops np.set_string_function
        np.einsum_path""",
    TEXT: """np.array2string np.array_repr np.array_str np.base_repr np.binary_repr
        np.format_float_positional np.format_float_scientific np.typename""",
    WRITES: """np.copyto np.fill_diagonal np.place np.put np.put_along_axis np.putmask
        np.random.shuffle ndarray.fill ndarray.partition ndarray.put ndarray.resize
        ndarray.setfield ndarray.setflags ndarray.sort""",
    LIKENESS: """np.union1d np.intersect1d np.setdiff1d np.setxor1d np.unique_all np.unique_counts
        np.unique_inverse np.trim_zeros""",
    HISTOGRAM: "np.histogram np.histogram2d np.histogramdd np.histogram_bin_edges",
    POLYNOMIAL: "np.poly1d np.polydiv",
    CALLBACK: """np.apply_along_axis np.apply_over_axes np.frompyfunc np.fromfunction np.piecewise
        np.vectorize""",
    LIBRARY_OBJECT: """np.broadcast np.flatiter np.ndenumerate np.ndindex np.nditer
        np.nested_iters np.ufunc np.index_exp""",
    OLD_CLASS: "np.asmatrix np.bmat np.matrix",
    MEMORY: """ndarray.base ndarray.ctypes ndarray.data ndarray.device ndarray.flags
        ndarray.itemsize ndarray.nbytes ndarray.strides ndarray.to_device
        np.lib.stride_tricks.as_strided""",
    RANDOM_STATE: """np.random.BitGenerator np.random.Generator np.random.MT19937 np.random.PCG64
        np.random.PCG64DXSM np.random.Philox np.random.RandomState np.random.SFC64
        np.random.SeedSequence np.random.default_rng np.random.get_bit_generator
        np.random.set_bit_generator np.random.get_state np.random.set_state np.random.seed
        np.random.bytes""",
    DRAW: """np.random.beta np.random.binomial np.random.chisquare np.random.choice
        np.random.dirichlet np.random.exponential np.random.f np.random.gamma np.random.geometric
        np.random.gumbel np.random.hypergeometric np.random.laplace np.random.logistic
        np.random.lognormal np.random.logseries np.random.multinomial
        np.random.multivariate_normal np.random.negative_binomial np.random.noncentral_chisquare
        np.random.noncentral_f np.random.normal np.random.pareto np.random.permutation
        np.random.poisson np.random.power np.random.rand np.random.randint np.random.randn
        np.random.random np.random.random_integers np.random.random_sample np.random.ranf
        np.random.rayleigh np.random.sample np.random.standard_cauchy
        np.random.standard_exponential np.random.standard_gamma np.random.standard_normal
        np.random.standard_t np.random.triangular np.random.uniform np.random.vonmises
        np.random.wald np.random.weibull np.random.zipf""",
    RECORDS: """np.bytes_ np.character np.datetime64 np.datetime_as_string np.datetime_data
        np.flexible np.object_ np.recarray np.record np.rec np.char np.strings np.str_
        np.timedelta64 np.void""",
    DATES: "np.busday_count np.busday_offset np.busdaycalendar np.is_busday",
    BITS: """ndarray.byteswap ndarray.getfield ndarray.view""",
    TESTS: "np.test np.linalg.test np.fft.test np.random.test",
    LOWER_LEVEL: """np.generic np.number np.integer np.signedinteger np.unsignedinteger np.inexact
        np.floating np.complexfloating""",
    ONE_UNIT: "np.nextafter math.nextafter",
}
REASONS = {name: reason for reason, names in BY_REASON.items() for name in names.split()}
"""Reasons by dotted name; a name that this version of NumPy or Python lacks does no harm."""
PLACES = {
    "np": np,
    "np.linalg": np.linalg,
    "np.lib.stride_tricks": np.lib.stride_tricks,
    "np.fft": np.fft,
    "np.random": np.random,
    "ndarray": np.ndarray,
    "math": math,
}


@functools.cache
def _reasons_by_function() -> dict[int, str]:
    found: dict[int, str] = {}
    for name, reason in REASONS.items():
        place, _, own = name.rpartition(".")
        value = getattr(PLACES.get(place), own, None)
        if value is not None and place != "ndarray":
            found[id(value)] = reason
    return found


ONCE_ONLY: dict[AnyFunction, str] = {
    helpers.trigamma: "the gamma function is differentiated twice only",
    **dict.fromkeys(
        (ranks.ranked, ranks.quantile_places, ranks.in_rows, ranks.from_rows),
        "the order of elements has no derivative",
    ),
    **dict.fromkeys(
        (
            records.fields_of,
            records.gradients_of,
            records.place_of,
            records.zeros_of,
            records.rebuilt,
        ),
        "the gradient of an object is differentiated once only",
    ),
}
"""Helpers that emitted code takes along, and that have no rule: why it can't be derived again."""


def reason_against(function: AnyFunction) -> str:
    """Give why a function has no rule, in words that follow "because"; empty if unsaid."""
    once = ONCE_ONLY.get(function) if isinstance(function, types.FunctionType) else None
    return once or _reasons_by_function().get(id(function), "")
