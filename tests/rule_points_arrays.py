"""Points for the rules of arranging and of linear algebra."""

from __future__ import annotations

import numpy as np
from rule_points import Point, at, products, spread

A = np.array
V3, V1 = spread(-2, 2, (3,)), spread(-2, 2, (1,))
M23, M33 = spread(-2, 2, (2, 3)), spread(-2, 2, (3, 3))
T232, T234 = spread(-2, 2, (2, 3, 2)), spread(-2, 2, (2, 3, 4))
STEEP = M33 + 4 * np.eye(3)
STACK = spread(-1, 1, (2, 3, 3)) + 3 * np.eye(3)
POSITIVE = STEEP @ STEEP.T
ONE = A([[1.5]])
ROWS = A([[0.0, 0.0], [3.0, 4.0]])

ARRANGING: dict[str, list[Point]] = {
    "diff": [
        at(V3),
        at(M23),
        at(M23, 1, 0),
        at(V3, 2),
        at(T234, 2, -1),
        at(T234, 1, 1),
        at(V3, 7),
        at(M23, 3, 0),
    ],
    "flipud": [at(V3), at(M23)],
    "fliplr": [at(M23), at(T232)],
    "rot90": [at(M23), at(M23, 2), at(M23, -1), at(T232, 1, (1, 2))],
    "tile": [
        *(at(V3, 2), at(M23, (2, 1)), at(V3, (2, 2)), at(M23, 2), at(T232, (1, 2, 1))),
        at(2.5, 3),
    ],
    "list": [at([1.5, -2.0, 0.5]), at(V3)],
    "repeat": [at(V3, 2), at(M23, 2), at(M23, 2, 0), at(M23, A([1, 0, 2]), 1), at(T232, 2, -1)],
    "pad": [
        *(at(V3, 2), at(M23, 1), at(M23, ((1, 0), (0, 2))), at(V3, (1, 2), "edge")),
        *(at(M23, 1, "reflect"), at(V3, 2, "wrap"), at(M23, 1, "symmetric")),
        at(V3, 1, constant_values=2.0),
    ],
    "take": [
        *(at(V3, A([0, 2, 0])), at(M23, A([1, 4])), at(M23, A([1, 0, 1]), 0)),
        *(at(M23, A([[0, 2], [1, 1]]), 1), at(T232, 1, 1), at(T232, A([0, -1]), -1)),
    ],
    "choose": [
        *(at(A([0, 1, 1]), M23), at(A([1, 0]), M33[:, :2]), at(A([[0, 2, 1], [1, 1, 0]]), M33)),
        Point((A([0, 5, -1]), M23), {"mode": "clip"}),
    ],
    "take_along_axis": [
        at(M23, A([[0, 2], [1, 1]]), 1),
        at(M23, A([[0, 1, 0]]), 0),
        at(T232, A([[[0, 1]], [[2, 2]]]), 1),
    ],
    "tril": [at(M33), at(M23, 1), at(T232, -1), at(V3)],
    "triu": [at(M33), at(M23, -1), at(T232, 1), at(V3)],
    "diag": [at(V3), at(V3, 1), at(V1, -2), at(M33), at(M23, 1), at(M23, -1)],
    "diagflat": [at(V3), at(M23, 1)],
    "diagonal": [at(M33), at(M23, 1), at(T232, -1, 1, 2), at(T234, 0, 0, 2)],
    "trace": [at(M33), at(M23, 1), at(T232, -1, 1, 2), at(T234, 0, 0, 2), at(M23, 7)],
}

MATRICES: dict[str, list[Point]] = {
    "norm": [
        *(at(V3), at(M23), at(T232), at(V3, 1), at(V3, 3), at(V3, np.inf), at(V3, -np.inf)),
        *(at(M23, "fro"), at(M23, 1), at(M23, np.inf), at(M23, -1), at(M23, -np.inf)),
        *(at(M23, None, 0), at(M23, 1, -1), at(T232, None, (0, 2)), at(T232, 2, 1)),
        *(at(M33, "nuc"), at(M33, 2), at(T232, "fro", (0, 1)), at(V1, 0.5)),
        at(M23, None, 1, keepdims=True),
        Point((A([0.0, 0.0]),), expected={"x": A([0.0, 0.0])}),
        Point((A([2.0, -2.0]), np.inf), expected={"x": A([0.5, -0.5])}),
        *(at(V3, 0), at(M23, 0.5, 1), at(M33, -2), at(T232, -np.inf, 1), at(T232, 3, 1)),
        *(at(T232, "nuc", (0, 2)), at(T232, -2, (0, 1)), at(T232, 1, (2, 0))),
        Point((A([0.0, 2.0]), 0.5), expected={"x": A([0.0, 1.0])}),
        Point((A([2.0, -2.0]), -np.inf), expected={"x": A([0.5, -0.5])}),
        Point((ROWS, None, 1), expected={"x": A([[0.0, 0.0], [0.6, 0.8]])}),
        Point((ROWS, 3, 1), expected={"x": A([[0.0, 0.0], [9, 16]]) / 91 ** (2 / 3)}),
        Point((A([[0.5, 0.0], [0.0, 0.0]]), "nuc"), expected={"x": A([[1.0, 0.0], [0.0, 0.0]])}),
    ],
    "inv": [at(STEEP), at(ONE), at(STACK)],
    "solve": [
        *(at(STEEP, V3), at(STEEP, spread(-1, 1, (3, 2))), at(ONE, V1)),
        at(STACK, spread(-1, 1, (2, 3, 2))),
        at(STEEP, spread(-1, 1, (2, 3, 2))),
        *([at(STACK, V3)] if int(np.__version__.split(".")[0]) >= 2 else []),
    ],
    "det": [
        *(at(M33), at(ONE), at(STACK), at(A([[1.0, 2.0], [2.0, 4.0]]))),
        at(A([[0.0, 0.0], [0.0, 3.0]])),
    ],
    "cholesky": [at(POSITIVE), at(ONE), at(STACK @ np.swapaxes(STACK, 1, 2))],
    "matrix_power": [
        at(STEEP, 3),
        at(STEEP, 1),
        at(STEEP, 0),
        at(STEEP, -2),
        at(STACK, 2),
        at(A([[1.0, 2.0], [2.0, 4.0]]), 0),
    ],
    "kron": products(
        ((2,), (3,)), ((2, 3), (2, 2)), ((3,), (2, 2)), ((1, 2), (2, 1)), ((), (2,)), ((2, 2), (3,))
    ),
    "cross": products(((3,), (3,)), ((2, 3), (3,)), ((2, 3), (2, 3))),
    "tensordot": [
        at(T232, spread(-1, 1, (3, 2, 4))),
        at(M23, spread(-1, 1, (2, 3))),
        at(M23, spread(-1, 1, (3, 2)), axes=1),
        at(T232, spread(-1, 1, (2, 2, 3)), axes=([0, 1], [1, 2])),
        at(T232, spread(-1, 1, (3, 2, 2)), axes=([2, 1], [1, 0])),
        at(V3, V3, axes=0),
    ],
    "einsum": [
        *(at("ij->ji", M23), at("ii", M33), at("ii->i", M33), at("ij->", M23), at("ij->i", M23)),
        *(at("ij,jk->ik", M23, M33), at("ij,jk", M23, M33), at("ij,j", M23, V3), at("i,i", V3, V3)),
        *(at("i,j->ij", V3, V1), at("bij,bjk->bik", STACK, STACK), at("ij,ij->j", M23, M23)),
        *(at("...ij,jk->...ik", STACK, M33), at("ij,jk,kl->il", M23, M33, M33)),
        *(at("ij,k->i", M23, V3), at("i,ij,j->", V3, M33, V3)),
    ],
}

TAKEN_ALONG = {
    "unbroadcast": [
        Point((M23, V3), wrt=("grad",)),
        Point((M23, M23), wrt=("grad",)),
        Point((STACK, np.ones((1, STACK.shape[2]))), wrt=("grad",)),
        Point((V3, 1.0), wrt=("grad",)),
    ],
    "for_each": [
        Point((V3, M33), wrt=("grad",)),
        Point((1.5, [0.5, 1.0]), wrt=("grad",)),
    ],
    "added": [Point((V3, V3))],
    "copied": [Point((V3,), wrt=("x",))],
    "copy_of": [Point((V3,), wrt=("grad",))],
    "structured": [Point((V3, V3), wrt=("grad",))],
}

POINTS = {
    f"{name}_backward": points
    for family in (ARRANGING, MATRICES, TAKEN_ALONG)
    for name, points in family.items()
}
