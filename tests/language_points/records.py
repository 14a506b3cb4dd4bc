"""Arguments of the programs in records.py."""

from types import SimpleNamespace

import numpy as np
from language_programs.records import Counted, Damping, Gas, Linear, Network, Orbit, Pendulum

from language_points.program import Draws, program

m = Draws(12)
s = m.signed
linear = Linear(s(3, 2), s(2))
alike = Linear(s(3), s(3))
numbers = Linear(1.2, 0.7)
pendulum = Pendulum(0.4, 1.3)
network = Network([Linear(s(3), 0.5), Linear(0.7, s(3))], alike, 1.3, np.tanh)
plain = SimpleNamespace(mode="first", a=s(2), b=0.7, inner=SimpleNamespace(c=1.3, name="c"))
other = SimpleNamespace(mode="second", a=2, b=0.7, inner=SimpleNamespace(c=s(2), name="c"))

POINTS = {
    "affine_record": program("p x", (linear, s(4, 3)), (linear, s(3))),
    "annotated_record": program("p x", (linear, s(4, 3))),
    "record_by_number": program("p x", (alike, s(3)), (numbers, s(2))),
    "record_unpacked": program("p x", (alike, s(3)), (numbers, 0.8)),
    "record_both_ways": program("p x", (alike, s(3)), (numbers, s(2))),
    "records_in_list": program("layers x", ([alike, Linear(0.7, s(3))], s(3)), ([numbers], 0.5)),
    "records_by_index": program("layers x", ([alike, Linear(0.7, s(3))], s(3)), ([], s(2))),
    "record_of_records": program("net x", (network, s(3))),
    "records_in_dict": program(
        "d x", ({"linear": alike, "pendulum": pendulum, "note": "none"}, s(3))
    ),
    "pendulum_energy": program("p mass", (pendulum, 1.4), (Pendulum(1, 2, 3), 2)),
    "record_in_branch": program("o x", (plain, s(2)), (other, 1.3)),
    "gas_pressure": program("gas n", (Gas(2.5, 1.4), 0.8)),
    "post_init_record": program("c x", (Counted(s(3)), s(3))),
    "record_given_on": program("p x", (linear, s(4, 3))),
    "walker_steps": program("place speed", (0.4, 1.3, 3), (s(2), s(2), 2), (0.4, 1.3, 0)),
    "orbit_step": program("o step", (Orbit(s(2), s(2), 0.5), 0.1)),
    "orbit_path": program("place speed step", (s(2), s(2), 0.1, 3), (s(3), s(3), 0.2, 0)),
    "damped": program("speed strength", (m(3), 0.7), (0.5, 0.2)),
    "drag": program("d speed", (Damping(0.7), m(2))),
    "histories": program("x y", (0.4, 0.7, 3)),
    "walker_pushed": program("place speed force", (0.4, 1.3, 0.7), (s(2), s(2), s(2))),
}
