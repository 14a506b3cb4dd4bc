"""Arguments of the programs in stencils.py."""

from language_points.program import Draws, program

m = Draws(1)

POINTS = {
    "heat_1d": program("A B", (4, m(7), m(7)), (1, m(4), m(4)), outputs="A B"),
    "heat_2d": program("u0 alpha dt dx", (m(5, 4), 0.3, 0.2, 0.7, 3), (m(4, 4), 0.3, 0.2, 0.7, 0)),
    "heat_3d": program("A B", (3, m(4, 4, 3), m(4, 4, 3)), outputs="A B"),
    "jacobi_2d": program("A B", (4, m(5, 4), m(5, 4)), outputs="A B"),
    "seidel_2d": program("A", (3, 4, m(4, 4)), (3, 2, m(2, 2)), outputs="A"),
    "seidel_rowwise": program("grid", (2, m(4, 5)), outputs="grid"),
    "fdtd_2d": program("ex ey hz _fict_", (3, m(3, 4), m(3, 4), m(3, 4), m(3)), outputs="ex ey hz"),
    "upwind_advection": program("u c dx dt", (m(6), 0.8, 0.5, 0.2, 3), (m(1), 0.8, 0.5, 0.2, 3)),
    "burgers": program("u nu dt dx", (m(6), 0.1, 0.05, 0.4, 3)),
    "wave_equation": program("u0 v0 c dt h", (m(6), m(6), 1.1, 0.1, 0.3, 4)),
    "smooth_in_place": program("u", (m(8), 4), (m(3), 0), outputs="u"),
    "lax_friedrichs": program("rho vmax lam", (m(6) / 2, 1.2, 0.4, 3)),
    "laplace_sor": program(
        "phi omega", (m(4, 5), 1.3, 1e-30, 3), (m(4, 4), 1.1, 10.0, 3), (m(3, 3), 1.1, 0.1, 0)
    ),
    "pressure_poisson": program(
        "p dx dy b", (m(5, 4), 0.4, 0.5, m(5, 4)), (m(4, 4), 1, 2, m(4, 4), 2)
    ),
    "limited_diffusion": program(
        "in_field out_field coeff", (m(7, 6), m(7, 6), 0.03), outputs="out_field"
    ),
    "blur": program("image kernel", (m(4, 5), m(3, 3)), (m(1, 1), m(3, 3))),
    "gray_scott": program(
        "U V Du Dv f k", (m(5, 5), m(5, 5), 0.14, 0.06, 0.035, 0.065, 3), outputs="U V"
    ),
}
