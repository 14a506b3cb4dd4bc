"""Mutants that compute the same as the rule itself, each with the reason why it does."""

from __future__ import annotations

ALONE = "NumPy takes this argument with the one mode alone that gives the gradient another value"
NO_PLACE = "any negative number stands for what is no place"
ALL_ZERO = "where the length is 0, so is all that is multiplied with the quotient"
SAME_SHAPE = "unbroadcast changes nothing of what has the shape already"
ANY_NEGATIVE = "np.reshape takes any negative size for what is left"
NOT_GIVEN = "an operand that isn't given has no gradient"
MADE_REAL = "what comes to a real operand is made real where it comes to it"
NO_ZERO = "no transform has the size 0"
NO_AXES = "a transform over no axes changes nothing"
OVER_AXES = "np.fft.fftn(dy, s=sizes, axes=axes, norm=norm)"
NONE_LEFT = "Q has fewer columns than rows only where the matrix has no columns besides"
BY_ZERO = "it is multiplied by 0"
LARGEST = "only which of them is the largest counts"
SIGN_IS_ZERO = "the sign that it is multiplied with is 0 there"
NO_SUCH_ORDER = "no other orders come here"
OTHER_BRANCH = "the other branch is taken there"
BELOW_ALL = "any bound will do below the smallest singular value that counts"
LESS_RANK = "matrices without full rank are in test_second_order.py"
SOME_COLUMNS = "functions of some columns alone are in test_second_order.py"
EDGE = "at the edge, both formulas are right"
CANCELLED = "it is taken away from itself"
NOTHING_DIVIDED = "what is divided is 0 there"
SHIFT = "what moves all elements of a variable changes no covariance"
ONLY_THE_SHAPE = "only its shape counts"
IN_PAIRS = "it is the inverse order, which is the same if only pairs change places"
NONE_ADDED = "no rows and no columns are put behind"
A_LATER_BRANCH = "a later branch, for more dimensions, is right for these too"

EQUIVALENT: dict[str, dict[str, str]] = {
    "pad_backward": {
        "factor: 0.0 -> 1.0": ALONE,
        "factor: 0.0 -> 1.0 (#2)": ALONE,
        "index: -1 -> -2": NO_PLACE,
    },
    "cross_backward": {
        "function: np.zeros_like(dc) -> np.ones_like(dc)": (
            "x and w lie in the plane: it reaches the third component alone, which is cut off"
        ),
    },
    "insert_backward": {"index: -1 -> -2": NO_PLACE, "index: -1 -> -2 (#2)": NO_PLACE},
    "tril_backward": {"index: 1 -> 2": SAME_SHAPE},
    "triu_backward": {"index: 1 -> 2": SAME_SHAPE},
    "length_backward": {"index: 1 -> 2": ALL_ZERO},
    "lengths_backward": {"index: 1 -> 2": ALL_ZERO},
    "kept_lengths_backward": {"index: 1 -> 2": ALL_ZERO},
    "power_backward": {
        "factor: dx = 0.0 * dz -> dx = 2 * (0.0 * dz)": "twice 0 is 0",
        "factor: dx = 0.0 * dz -> dx = -(0.0 * dz)": "-0 is 0",
        "factor: 0.0 * dz -> 2 * (0.0 * dz)": "twice 0 is 0",
        "index: 0 -> 1 (#3)": "the next branch is right for positive numbers too",
    },
    "solve_triangular_backward": {
        "index: 1 -> 2": "the matrix is real: its conjugate transpose is its transpose",
        "index: -1 -> -2": ANY_NEGATIVE,
        "index: -1 -> -2 (#2)": ANY_NEGATIVE,
    },
    "observations_backward": {"factor: 0.0 -> 1.0": NOT_GIVEN},
    "bessel_i1_backward": {
        "index: 0 -> 1 (#2)": "it saves a warning alone, which test_second_order looks for",
        "index: 1 -> 2": OTHER_BRANCH,
    },
    "qr_backward": {"index: -1 -> -2 (#5)": NONE_LEFT},
    "qr_triangle_backward": {"index: -1 -> -2": NONE_LEFT},
    "polyint_backward": {"factor: 0.0 -> 1.0": NOT_GIVEN},
    "polyfit_backward": {
        "index: -1 -> -2 (#3)": ANY_NEGATIVE,
        "index: -1 -> -2 (#4)": ANY_NEGATIVE,
    },
    "nanvar_backward": {"factor: 0.0 -> 1.0": NOT_GIVEN},
    "nanstd_backward": {"factor: 0.0 -> 1.0": NOT_GIVEN, "index: 1 -> 2 (#2)": ALL_ZERO},
    "clip_backward": {"factor: 0.0 -> 1.0": NOT_GIVEN, "factor: 0.0 -> 1.0 (#2)": NOT_GIVEN},
    "average_backward": {"factor: 0.0 -> 1.0": NOT_GIVEN},
    "corrcoef_backward": {
        "factor: dx = np.zeros_like(x) * dy -> dx = 2 * (np.zeros_like(x) * dy)": "twice 0 is 0",
        "factor: dx = np.zeros_like(x) * dy -> dx = -(np.zeros_like(x) * dy)": "-0 is 0",
        "factor: np.zeros_like(x) * dy -> 2 * (np.zeros_like(x) * dy)": "twice 0 is 0",
    },
    **{
        f"{name}_backward": {
            f"function: np.real({call}) -> {call}": MADE_REAL
            for call in (
                f"np.fft.{inverse}(dy, n=np.shape(x)[axis], axis=axis, norm=norm)",
                f"np.fft.{inverse}(dy, n=n, axis=axis, norm=norm)",
            )
        }
        for name, inverse in (("rfft", "fft"), ("ihfft", "ifft"))
    },
    "rfft2_backward": {
        "edge: s[-1] < 0 -> s[-1] <= 0": NO_ZERO,
        "index: 0 -> 1": NO_ZERO,
        f"function: np.real({OVER_AXES}) -> {OVER_AXES}": MADE_REAL,
    },
    "rfftn_backward": {
        "edge: s[-1] < 0 -> s[-1] <= 0": NO_ZERO,
        "index: 0 -> 1 (#2)": NO_ZERO,
        f"function: np.real({OVER_AXES}) -> {OVER_AXES}": MADE_REAL,
    },
    "irfft2_backward": {"edge: len(axes) > 1 -> len(axes) >= 1": NO_AXES},
    "irfftn_backward": {"edge: len(axes) > 1 -> len(axes) >= 1": NO_AXES},
    **{
        f"{name}_backward": {"index: 0 -> 1 (#3)": BY_ZERO}
        for name in ("quantile", "nanquantile", "percentile", "nanpercentile")
    },
    "norm_backward": {
        "index: 1 -> 2": ALL_ZERO,
        "index: 1 -> 2 (#3)": ALL_ZERO,
        "function: np.sum(sums, axis=summed, keepdims=True)"
        " -> np.mean(sums, axis=summed, keepdims=True)": LARGEST,
        "edge: ord < 0 -> ord <= 0": NO_SUCH_ORDER,
        "index: 0 -> 1 (#4)": NO_SUCH_ORDER,
        "index: 1 -> 2 (#8)": ALL_ZERO,
        "edge: ord < 1 -> ord <= 1": "to the power 0, all is 1",
        "index: 1 -> 2 (#9)": SIGN_IS_ZERO,
        "index: 1 -> 2 (#10)": SIGN_IS_ZERO,
        "edge: ord < 0 -> ord <= 0 (#2)": NO_SUCH_ORDER,
        "index: 0 -> 1 (#12)": NO_SUCH_ORDER,
    },
    "solve_backward": {"index: 2 -> 3 (#2)": "the last branch is right for all ranks"},
    "matrix_power_backward": {
        "edge: n < 0 -> n <= 0": "for n = 0, the gradient is 0",
        "index: 0 -> 1 (#2)": "for n = 0, the gradient is 0",
    },
    "eig_backward": {"index: 1 -> 2": OTHER_BRANCH},
    "eigvals_backward": {
        "operand: found[..., :, None] - w[..., None, :] -> w[..., None, :] - found[..., :, None]": (
            "only the distance counts"
        ),
        "index: -1 -> -2": IN_PAIRS,
    },
    "lstsq_backward": {
        "branch: s[rank - 1] / (2 * s[0]) if rank else 0.0"
        " -> 0.0 if rank else s[rank - 1] / (2 * s[0])": LESS_RANK,
        "term: rank - 1 -> -1": LESS_RANK,
        "factor: 0.0 -> 1.0": "a matrix of zeros has no singular value that counts",
        "index: 2 -> 3": BELOW_ALL,
        "factor: 2 * s[0] -> 2 * (2 * s[0])": BELOW_ALL,
        "index: -1 -> -2": ANY_NEGATIVE,
        "index: -1 -> -2 (#2)": ANY_NEGATIVE,
    },
    "diff_backward": {
        "edge: np.shape(a)[axis] <= n -> np.shape(a)[axis] < n": "differences of zeros are zeros"
    },
    "ediff1d_backward": {"factor: 0.0 -> 1.0": NOT_GIVEN, "factor: 0.0 -> 1.0 (#2)": NOT_GIVEN},
    "trapezoid_backward": {
        "factor: 0.0 -> 1.0": NOT_GIVEN,
        "factor: 0.0 -> 1.0 (#2)": NOT_GIVEN,
        "index: -1 -> -2 (#2)": ANY_NEGATIVE,
    },
    "gradient_backward": {"index: -1 -> -2": ANY_NEGATIVE},
    "interp_backward": {"index: 1 -> 2 (#4)": "with one knot, what is divided is 0"},
    "diff_with_edges_backward": {
        "factor: 0.0 -> 1.0": NOT_GIVEN,
        "factor: 0.0 -> 1.0 (#2)": NOT_GIVEN,
    },
    "log_to_base_backward": {"factor: 0.0 -> 1.0": NOT_GIVEN},
    **{
        f"{name}_backward": {
            f"function: np.zeros_like(np.{name}(x, y)) -> np.ones_like(np.{name}(x, y))": CANCELLED
        }
        for name in ("logaddexp", "logaddexp2")
    },
    "sinc_backward": {
        "edge: np.abs(x) < 0.05 -> np.abs(x) <= 0.05": EDGE,
        "index: 1 -> 2 (#4)": OTHER_BRANCH,
    },
    "absolute_of_complex_backward": {"index: 1 -> 2": ALL_ZERO},
    "norm_of_complex_backward": {
        "index: 1 -> 2": ALL_ZERO,
        "index: 1 -> 2 (#3)": ALL_ZERO,
        "edge: ord > 0 -> ord >= 0": NO_SUCH_ORDER,
        "index: 0 -> 1 (#3)": NO_SUCH_ORDER,
        "index: 1 -> 2 (#6)": ALL_ZERO,
        "edge: ord < 1 -> ord <= 1": "to the power 0, all is 1",
        "index: 1 -> 2 (#7)": SIGN_IS_ZERO,
        "index: 1 -> 2 (#8)": SIGN_IS_ZERO,
        "function: np.sum(size, axis=added, keepdims=True)"
        " -> np.mean(size, axis=added, keepdims=True)": LARGEST,
        "edge: ord > 0 -> ord >= 0 (#2)": NO_SUCH_ORDER,
        "edge: ord > 0 -> ord >= 0 (#3)": NO_SUCH_ORDER,
        "index: 0 -> 1 (#11)": NO_SUCH_ORDER,
    },
    "svd_backward": {
        "index: 0 -> 1": SOME_COLUMNS,
        "index: 0 -> 1 (#2)": SOME_COLUMNS,
        "index: 1 -> 2": "where it is divided by, its operand is 0",
    },
    "std_of_complex_backward": {"index: 1 -> 2": ALL_ZERO},
    "kv_backward": {"operand: v - 1 -> 1 - v": "the function of an order is that of its negative"},
    "length_forward": {"index: 1 -> 2": ALL_ZERO},
    "lengths_forward": {"index: 1 -> 2": ALL_ZERO},
    "kept_lengths_forward": {"index: 1 -> 2": ALL_ZERO},
    "xlogy_backward": {"index: 1 -> 2": NOTHING_DIVIDED},
    "xlog1py_backward": {"index: 1 -> 2": NOTHING_DIVIDED},
    "logsumexp_backward": {"index: 0 -> 1": "-inf less a number is -inf"},
    "polymul_forward": {
        "term: np.size(moved) - np.size(np.polymul(a1, a2)) -> -np.size(np.polymul(a1, a2))": (
            "the last entries, counted from the end; a product has one at least"
        ),
    },
    "absolute_of_complex_forward": {"index: 1 -> 2": ALL_ZERO},
    "std_of_complex_forward": {"index: 1 -> 2": ALL_ZERO},
    "norm_of_complex_forward": {
        "index: 1 -> 2": ALL_ZERO,
        "index: 1 -> 2 (#3)": ALL_ZERO,
        "function: np.sum(size, axis=summed, keepdims=True)"
        " -> np.mean(size, axis=summed, keepdims=True)": LARGEST,
        "edge: ord < 0 -> ord <= 0": NO_SUCH_ORDER,
        "index: 0 -> 1 (#4)": NO_SUCH_ORDER,
        "index: 1 -> 2 (#8)": ALL_ZERO,
        "edge: ord < 1 -> ord <= 1": "to the power 0, all is 1",
        "index: 1 -> 2 (#9)": SIGN_IS_ZERO,
        "index: 1 -> 2 (#10)": SIGN_IS_ZERO,
        "edge: ord < 0 -> ord <= 0 (#2)": NO_SUCH_ORDER,
        "index: 0 -> 1 (#12)": NO_SUCH_ORDER,
    },
    "corrcoef_forward": {
        "term: moved - np.mean(moved, axis=1, keepdims=True) -> moved": SHIFT,
        "function: np.mean(moved, axis=1, keepdims=True) -> np.sum(moved, axis=1, keepdims=True)": (
            SHIFT
        ),
    },
    "corrcoef_of_two_forward": {
        "function: np.zeros_like(x) -> np.ones_like(x)": SHIFT,
        "function: np.zeros_like(y) -> np.ones_like(y)": SHIFT,
        "term: moved - np.mean(moved, axis=1, keepdims=True) -> moved": SHIFT,
        "function: np.mean(moved, axis=1, keepdims=True) -> np.sum(moved, axis=1, keepdims=True)": (
            SHIFT
        ),
    },
    "cov_of_two_forward": {
        "function: np.zeros_like(x) -> np.ones_like(x)": SHIFT,
        "function: np.zeros_like(y) -> np.ones_like(y)": SHIFT,
    },
    "solve_forward": {
        "edge: np.ndim(a) > 2 -> np.ndim(a) >= 2": "the branch is right for one matrix too"
    },
    "matrix_power_forward": {
        "edge: n >= 0 -> n > 0 (#2)": "for n = 0, the tangent is 0",
        "index: 0 -> 1 (#2)": "for n = 0, the tangent is 0",
    },
    "norm_forward": {
        "index: 1 -> 2 (#2)": ALL_ZERO,
        "edge: ord > 0 -> ord >= 0": NO_SUCH_ORDER,
        "index: 0 -> 1 (#2)": NO_SUCH_ORDER,
        "index: 1 -> 2 (#5)": ALL_ZERO,
        "edge: ord < 1 -> ord <= 1": "to the power 0, all is 1",
        "index: 1 -> 2 (#6)": SIGN_IS_ZERO,
        "index: 1 -> 2 (#7)": SIGN_IS_ZERO,
        "function: np.sum(np.abs(x), axis=added, keepdims=True)"
        " -> np.mean(np.abs(x), axis=added, keepdims=True)": LARGEST,
        "edge: ord > 0 -> ord >= 0 (#2)": NO_SUCH_ORDER,
        "edge: ord > 0 -> ord >= 0 (#3)": NO_SUCH_ORDER,
        "index: 0 -> 1 (#13)": NO_SUCH_ORDER,
    },
    "std_backward": {"index: 1 -> 2": ALL_ZERO},
    "std_forward": {"index: 1 -> 2": ALL_ZERO},
    "masked_std_forward": {"index: 1 -> 2": ALL_ZERO},
    "nanstd_forward": {"index: 1 -> 2 (#2)": ALL_ZERO},
    "masked_prod_forward": {
        "function: np.sum(x, axis=axis, keepdims=keepdims)"
        " -> np.mean(x, axis=axis, keepdims=keepdims)": ONLY_THE_SHAPE,
        "term: dy + initial * np.sum(moved, axis=axis, keepdims=keepdims)"
        " -> initial * np.sum(moved, axis=axis, keepdims=keepdims)": "so far it is 0",
    },
    "nanprod_forward": {
        "function: np.sum(factors, axis=axis, keepdims=keepdims)"
        " -> np.mean(factors, axis=axis, keepdims=keepdims)": ONLY_THE_SHAPE,
        "term: dy + initial * np.sum(moved, axis=axis, keepdims=keepdims)"
        " -> initial * np.sum(moved, axis=axis, keepdims=keepdims)": "so far it is 0",
    },
    "masked_var_backward": {"factor: 0.0 -> 1.0": NOT_GIVEN},
    "masked_std_backward": {"factor: 0.0 -> 1.0": NOT_GIVEN, "index: 1 -> 2": ALL_ZERO},
    "eig_forward": {"index: 1 -> 2": OTHER_BRANCH},
    "eigvals_forward": {
        "operand: w[..., :, None] - found[..., None, :] -> found[..., None, :] - w[..., :, None]": (
            "only the distance counts"
        ),
        "index: -1 -> -2": IN_PAIRS,
    },
    "svd_forward": {
        "index: 1 -> 2": "where it is divided by, its operand is 0",
        "edge: np.shape(a)[-2] > count -> np.shape(a)[-2] >= count (#2)": NONE_ADDED,
        "edge: np.shape(a)[-1] > count -> np.shape(a)[-1] >= count (#2)": NONE_ADDED,
    },
    "qr_forward": {
        "edge: np.shape(a)[-1] > count -> np.shape(a)[-1] >= count": NONE_ADDED,
        "edge: np.shape(a)[-2] > count -> np.shape(a)[-2] >= count": NONE_ADDED,
    },
    "qr_triangle_forward": {"index: -1 -> -2": NONE_LEFT},
    "lstsq_forward": {"index: -1 -> -2": ANY_NEGATIVE, "index: -1 -> -2 (#2)": ANY_NEGATIVE},
    **{
        f"{name}_forward": {"index: 0 -> 1 (#2)": BY_ZERO}
        for name in ("quantile", "nanquantile", "percentile", "nanpercentile")
    },
    **{
        f"{name}_backward": {
            "index: 1 -> 2 (#4)": A_LATER_BRANCH,
            "index: 1 -> 2 (#5)": A_LATER_BRANCH,
        }
        for name in ("dot", "matmul")
    },
}
