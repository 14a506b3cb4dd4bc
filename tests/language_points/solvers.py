"""Arguments of the programs in solvers.py."""

import numpy as np

from language_points.program import Draws, program

m = Draws(2)
cycled = np.roll(m.dominant(4), 1, axis=0)  # pivoting swaps rows

POINTS = {
    "gauss_elimination": program("A b", (m.dominant(4), m(4)), (m(1, 1), m(1))),
    "gauss_with_pivoting": program("a b", (cycled, m(4))),
    "lu": program("A", (m.dominant(4),), (m(1, 1),), outputs="A"),
    "cholesky": program("A", (m.positive(4),), outputs="A"),
    "cholesky_logdet": program("K noise", (m.positive(3), 0.3)),
    "trisolv": program("L b", (m.dominant(4), m(4), m(4)), outputs="x", asked=True),
    "back_substitution": program("U y", (m.dominant(4), m(4)), (m(1, 1), m(1))),
    "conjugate_gradient": program(
        "A b x0", (m.positive(3), m(3), m(3), 0.1), (m.positive(3), m(3), m(3), 20.0)
    ),
    "cg_in_place": program("A b", (m.positive(3), m(3), 2), (m.positive(3), m(3), 0)),
    "power_iteration": program("A v", (m(3, 3), m(3), 4), (m(2, 2), m(2), 0)),
    "jacobi_solve": program("A b", (m.dominant(3), m(3))),
    "gauss_seidel": program("A b", (m.dominant(3), m(3), 4)),
    "newton_sqrt": program("a", (2.0,), (1.3,), (30,)),
    "kepler": program("mean_anomaly e", (0.8, 0.3)),
    "regula_falsi": program("a b c", (1.0, 2.0, 1.3), (1.0, 2.0, 1.3, 3), (2.0, 1.0, 1.3, 1)),
    "secant": program("x0 x1 p", (0.3, 0.9, 1.2), (0.3, 0.9, 1.2, 0.3)),
    "thomas": program("a b c d", (m(4), m(5) + 3, m(4), m(5))),
    "gram_schmidt": program("A", (m.dominant(4)[:, :3],)),
    "householder_qr": program("A", (m.signed(4, 3) + np.eye(4, 3),)),
    "durbin": program("r", (m(4) / 4,), (m(1),)),
    "determinant": program("m", ([[1.5, 0.2, 0.7], [0.4, 1.1, 0.9], [0.3, 0.8, 2.0]],), ([[2.0]],)),
}
