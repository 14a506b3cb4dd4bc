"""Points for functions with several results, linear algebra and scipy."""

from __future__ import annotations

import warnings

import numpy as np
from rule_points import Point, at, binary, only, spread, unary

A = np.array
V6, M62, M26 = spread(-2, 2, (6,)), spread(-2, 2, (6, 2)), spread(-2, 2, (2, 6))
T243 = spread(-2, 2, (2, 4, 3))
F32 = np.float32


def takes_planar_vectors() -> bool:
    """Whether np.cross takes vectors of two numbers, which NumPy 2 deprecates."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return bool(np.ndim(np.cross([1, 0], [0, 1])) == 0)
        except ValueError:
            return False


PARTED: dict[str, list[Point]] = {
    "modf": unary(0.1, 0.9) + unary(-2.9, -2.1),
    "frexp": unary(1.05, 1.95) + unary(-3.9, -2.1),
    "divmod": [
        *binary((4.1, 4.9), (2.1, 2.4)),
        *binary((-4.9, -4.5), (2.6, 4.4)),
    ],
    "split": [
        *(at(V6, 3), at(V6, [2, 3]), at(M62, 2), at(M26, 3, 1), at(M62, [1, 4], axis=0)),
        *(at(M26, [2, 2, 9], 1), at(T243, 2, -2), at(V6, 1), at(V6.astype(F32), 2)),
    ],
    "array_split": [at(V6, 4), at(M62, [1, 4]), at(M26, 4, axis=1), at(T243, 3, -2)],
    "hsplit": [at(V6, 3), at(M26, 2), at(T243, [1, 2])],
    "vsplit": [at(M62, 3), at(T243, 2), at(M62, [1])],
    "dsplit": [at(T243, 3), at(T243, [1, 1])],
}

V3, W3, M23 = spread(-2, 2, (3,)), spread(-2, 2, (3,), 9), spread(-2, 2, (2, 3))
M32, M33, M24 = spread(-2, 2, (3, 2)), spread(-2, 2, (3, 3)), spread(-2, 2, (2, 4))
T323 = spread(-2, 2, (3, 2, 3))
STEEP = M33 + 4 * np.eye(3)
STACK = spread(-1, 1, (2, 3, 3)) + 3 * np.eye(3)
POSITIVE = STEEP @ STEEP.T
POSITIVES = STACK @ np.swapaxes(STACK, 1, 2)
TURN = A([[0.3, -2.0, 0.5], [1.7, 0.1, -0.4], [0.2, 0.6, -1.1]])
FLAT_PAIR = A([[1.0, 0.0], [0.0, 1.0]])

SINGULAR = np.diag([3.0, 1.0, 0.0])


def turning(a: np.ndarray) -> np.ndarray:
    """Give the gradient of the sum of U's elements: it has the eigenvectors of a @ a.T."""
    u, s, vh = np.linalg.svd(a)
    gradient = np.zeros_like(a)
    for k in range(3):
        for j in {0, 1, 2} - {k}:
            moved = s[k] * np.outer(u[:, j], vh[k]) + s[j] * np.outer(u[:, k], vh[j])
            gradient += np.sum(u[:, j]) * moved / (s[k] ** 2 - s[j] ** 2)
    return gradient


MATRICES: dict[str, list[Point]] = {
    "slogdet": [at(STEEP), at(M33), at(STACK), at(A([[-2.5]])), at(STEEP.astype(F32))],
    "cholesky_upper": [
        at(POSITIVE, upper=True),
        at(POSITIVES, upper=True),
        at(POSITIVE, upper=False),
    ],
    "tensorsolve": [
        at(spread(-1, 1, (2, 3, 6)) + np.eye(6).reshape(2, 3, 6) * 3, M23),
        at(spread(-1, 1, (2, 6, 3)) + np.eye(6).reshape(2, 6, 3) * 3, M23, (1,)),
        at(spread(-1, 1, (6, 2, 3)) + np.eye(6).reshape(6, 2, 3) * 3, M23, axes=(0,)),
    ],
    "tensorinv": [
        at(spread(-1, 1, (2, 3, 6)) + np.eye(6).reshape(2, 3, 6) * 3),
        at(spread(-1, 1, (6, 2, 3)) + np.eye(6).reshape(6, 2, 3) * 3, 1),
    ],
    "eigh": [
        *(at(POSITIVE), at(M33), at(M33, "U"), at(STACK), at(A([[2.5]])), at(M33, UPLO="U")),
        Point((M33.astype(F32),)),
        Point((FLAT_PAIR,), results=(0,), expected={"a": np.eye(2)}),
    ],
    **{
        name: [at(M33), at(STACK), at(TURN), at(M33 @ M33), at(A([[2.5]]))]
        for name in ("eig", "eigvals")
    },
    "eigvalsh": [at(POSITIVE), at(M33), at(M33, "U"), at(STACK), at(M33.astype(F32))],
    "svd": [
        *(at(M33), at(M32, full_matrices=False), at(M23, False), at(STACK), at(A([[2.5]]))),
        *(at(T323, False), at(spread(-1, 1, (2, 3, 2)), full_matrices=False)),
        *(Point((M32,), results=(1,)), Point((M23,), results=(0,)), Point((M32,), results=(2,))),
        at(M33.astype(F32)),
        Point((SINGULAR,), results=(0,), expected={"a": turning(SINGULAR)}),
        Point((SINGULAR,), results=(2,), expected={"a": turning(SINGULAR.T).T}),
    ],
    "svd_values": [at(M32, compute_uv=False), at(M23, False, False), at(STACK, compute_uv=False)],
    "svdvals": [at(M32), at(M23), at(STACK)],
    "qr": [
        *(at(M33), at(M32), at(M23), at(STACK), at(T323), at(spread(-1, 1, (2, 3, 2)))),
        *(
            Point((M32, "reduced"), derived_only=True),
            at(M33.astype(F32)),
            at(spread(-2, 2, (3, 4))),
        ),
        Point((M23,), {"mode": "complete"}, derived_only=True),
        Point((M32, "complete"), results=(1,), derived_only=True),
        Point((M33, "complete"), derived_only=True),
    ],
    "qr_triangle": [at(M33, "r"), at(M32, mode="r"), at(M23, mode="r")],
    "pinv": [at(M33), at(M32), at(M23), at(STACK), at(T323), at(M32, 1e-12)],
    "lstsq": [
        *(at(M33, V3), at(M32, V3), at(M32, M33), at(M23, V3[:2]), at(M23, spread(-1, 1, (2, 2)))),
        at(M32, V3, rcond=1e-10),
    ],
    "cond": [at(M33), at(M32), at(STACK), at(M33, 2), at(M33, -2)],
    "linalg_trace": [
        *(at(M33), at(T323, offset=1), at(M23, offset=-1)),
        *(at(M33.astype(F32)), at(T323.astype(F32), offset=1)),
    ],
    "matrix_transpose": [at(M23), at(T323)],
    "vecdot": [
        *(at(V3, W3), at(M23, V3), at(V3, T323), at(T323, T323[::-1], axis=1)),
        at(M23.astype(F32), V3.astype(F32)),
    ],
    "matvec": [at(M23, V3), at(STACK, V3), at(M33, T323), at(STACK, M23)],
    "vecmat": [at(V3, M32), at(V3, STACK), at(T323, M33), at(M23, STACK)],
    "multi_dot": [at([M23, M33, M32]), at([V3, M33, W3]), at([M23, V3]), at([V3, M32, M24, M24.T])],
}
UNDETERMINED: dict[str, list[Point]] = {
    "svd_backward": [Point((M32,), results=(0,)), Point((M23,), results=(2,))],
    "qr_backward": [Point((M32, "complete"), results=(0,))],
    "gradient_backward": [at(M23)],
}
"""Points at which a result may be one of several or is many arrays, so that it is refused."""

CROSS = [
    *(at(M32, M32[::-1], axis=0), at(T323, V3), at(T323, M23, axis=-1)),
    *only(
        "numpy.cross",
        points=[
            *(at(M33, V3, 0), at(M33, V3, axisa=0), at(M33, M33.T, 0, 1, 0)),
            *(at(M33, T323, axisa=0, axisb=0), at(M33, M33.T, axisc=0)),
        ],
    ),
]
if takes_planar_vectors():
    CROSS += only(
        "numpy.cross",
        points=[
            *(at(M32, M32[::-1]), at(M32, M32[0]), at(M32, M23, axisb=0)),
            *(at(M32, M33), at(M33, M32), at(M23, M24[:, :3], axis=0), at(V3[:2], V3)),
            at(M23, M33, 0, 1, 0),
        ],
    )
E2 = "a,b,c,d->abcd"
EINSUM = [
    *(at("ij,ij->ij", M23, V3[None]), at("i,i", V3, A([1.5])), at("ij,jk->ik", M23, M33)),
    *(at("...i,i->...", T323, V3), at("i...,i...->...", M33, T323), at("...ij->...ji", T323)),
    *(at("...,...->...", T323, V3), at("i...->...", T323), at("...i,...i", T323, M23)),
    *(at("iij->j", STACK.T), at("iij,jk->ki", STACK.T, M24), at("bii->b", STACK)),
    *(at(E2, V3, M23[0], V3[:2], W3[:1]), at("ij,jk,kl,lm->im", M23, M33, M32, M24)),
    *(
        at("ij,jk,kl->il", M23, M33, M32, optimize=True),
        at("ij->i", M23),
        at("ij,kl->il", M23, M32),
    ),
    *(at("i", V3), at("ji", M23), at("ij, jk", M23, M33), at("->", 2.5), at(",i->i", 2.5, V3)),
    at("ij,jk->ik", M23.astype(F32), M33.astype(F32)),
    at("ii->i", M33.astype(F32)),
]

PRODUCTS: dict[str, list[Point]] = {"cross": CROSS, "einsum": EINSUM}

NEWER = {
    "svdvals": hasattr(np.linalg, "svdvals"),
    "linalg_trace": hasattr(np.linalg, "trace"),
    "cholesky_upper": hasattr(np.linalg, "vecdot"),
    "vecdot": hasattr(np, "vecdot"),
    "matvec": hasattr(np, "matvec"),
    "vecmat": hasattr(np, "vecmat"),
}
"""Whether this version of NumPy has a function that came late."""

POINTS = {
    f"{name}_backward": points
    for family in (PARTED, MATRICES, PRODUCTS)
    for name, points in family.items()
    if NEWER.get(name, True)
}
