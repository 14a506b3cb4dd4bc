"""Arguments of the programs in simulation.py."""

import numpy as np
from language_programs.simulation import Body, Spring

from language_points.program import Draws, program

m = Draws(3)

POINTS = {
    "euler_decay": program("y0 rate dt", (1.3, 0.4, 0.1, 5), (1.3, 0.4, 0.1, 0)),
    "van_der_pol": program("y0 mu h", (m(2), 0.7, 0.1, 4)),
    "lotka_volterra": program(
        "z params dt", ((1.2, 0.8), (1.1, 0.4, 0.1, 0.4), 0.05, 5), (m(2), m(4), 0.05, 3)
    ),
    "sir": program("state p", ({"S": 0.9, "I": 0.1, "R": 0.05}, {"beta": 0.5, "gamma": 0.2}, 4)),
    "pendulum": program("theta omega g length dt", (0.4, 0.1), (m(2), m(2), 9.81, 1.2, 0.02, 3)),
    "damped_spring": program("spring x v dt", (Spring(1.2, 3.0), 0.5, 0.2, 0.1, 4), asked=True),
    "two_body": program(
        "sun planet dt", (Body(m(2), m(2), 1.0), Body(m(2) + 2, m(2), 0.3), 0.05, 3)
    ),
    "nbody_leapfrog": program(
        "pos vel mass dt softening", (m.signed(3, 2) * 2, m(3, 2), m(3), 0.1, 3, 0.6)
    ),
    "nbody_step": program("x v m dt", (m.signed(3, 3) * 2, m(3, 3), m(3), 0.1), outputs="x v"),
    "verlet": program("x0 v0 k dt", (0.5, 0.3, 1.2, 0.1, 6), (m(2), m(2), m(2), 0.1, 1)),
    "chain_of_springs": program("x v k rest dt", (np.cumsum(m(4)), m(4), m(3), 0.9, 0.1, 3)),
    "bouncing_ball": program("height speed restitution dt", (0.5, 1.0, 0.8, 0.05, 30)),
    "lorenz": program("xyz sigma rho beta dt", (m(3), 10.0, 28.0, 2.5, 0.01, 4)),
    "heun": program(
        "x drift vol noise dt", (1.0, 0.1, 0.3, m.signed(4), 0.1), (1.0, 0.1, 0.3, m(0), 0.1)
    ),
    "adaptive_euler": program("y k t_end", (1.5, 2.0, 1.0, 0.004)),
    "shoot": program("speed angle drag dt", (5.0, 0.8, 0.05, 0.11)),
    "diffusion_limited": program("c D source", (m(5), 0.2, 0.3, 4), outputs="c"),
}
