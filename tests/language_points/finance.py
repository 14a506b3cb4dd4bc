"""Arguments of the programs in finance.py."""

import numpy as np

from language_points.program import Draws, program

m = Draws(7)
s = m.signed

POINTS = {
    "black_scholes": program(
        "S K T r sigma", (1.1, 1.0, 0.5, 0.03, 0.3), (m(3), 1.0, 0.5, 0.03, 0.3, "put")
    ),
    "binomial_tree": program("S K T r sigma", (1.1, 1.0, 0.5, 0.03, 0.3, 5), asked=True),
    "american_put": program("spot strike rate u p", (1.0, 1.13, 0.05, 1.15, 0.55, 4), asked=True),
    "compound_interest": program("principal rate deposit", (10.0, 0.05, 4, 1.5), (10.0, 0.05, 0)),
    "net_present_value": program("cashflows rate", (s(4), 0.1), ([-1.0, 0.5, 0.8], 0.1)),
    "tax": program(
        "income brackets rates", (35.0, [10.0, 30.0, 50.0], [0.1, 0.2, 0.3]), (70.0, m(2), m(2))
    ),
    "asian_option": program("s0 strike vol rate dt normals", (1.0, 0.9, 0.3, 0.05, 0.1, s(3, 4))),
    "kalman_1d": program("zs x P Q R", (s(4), 0.2, 1.0, 0.1, 0.4)),
    "kalman_log_likelihood": program(
        "y F H Q R x0 P0",
        (s(3, 1), s(2, 2), s(1, 2), m.positive(2), m.positive(1), s(2), m.positive(2)),
    ),
    "moving_average": program("x", (s(6), 3), (s(2), 1), asked=True),
    "exponential_smoothing": program("series alpha", (s(4), 0.3)),
    "arma_log_likelihood": program("y phi theta mu sigma", (s(5), s(2) / 2, s(1), 0.1, 0.8)),
    "garch": program("returns omega alpha beta", (s(4), 0.1, 0.2, 0.7)),
    "welford": program("data", (s(5),), ([1.0, 2.5, 0.5],)),
    "gaussian_mixture": program("x weights mus sigmas", (s(3), m(2), s(2), m(2))),
    "kernel_density": program("points data h", (s(3), s(4), 0.9)),
    "geometric_series": program("a r", (1.5, 0.5)),
    "exp_series": program("x", (0.7,), (-1.2,)),
    "ray_sphere": program(
        "origin direction center radius",
        (np.array([0.1, 0.2, -3.0]), np.array([0.05, 0.02, 1.0]), np.array([0.2, 0.1, 0.3]), 1.0),
        (np.array([0.1, 0.2, 0.3]), np.array([0.05, 0.02, 1.0]), np.array([0.2, 0.1, 0.3]), 1.0),
        (np.array([3.0, 0.2, -3.0]), np.array([0.05, 0.02, 1.0]), np.array([0.2, 0.1, 0.3]), 1.0),
    ),
    "monte_carlo_area": program(
        "samples a b", (s(4, 2), 1.1, 0.9), ([(0.2, 0.4), (1.1, 0.3)], 1, 2)
    ),
    "trapezoid": program("a b power", (0.5, 2.0, 4, 2.5), asked=True),
    "covariance": program("float_n data", (3, 4.0, s(4, 3))),
}
