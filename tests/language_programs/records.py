"""Named tuples, dataclasses and plain objects as parameters."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np


class Linear(NamedTuple):
    w: np.ndarray
    b: np.ndarray


class Gas(NamedTuple):
    T: float
    volume: float
    name: str = "air"


@dataclass
class Pendulum:
    angle: float
    speed: float
    length: float = 1.0


@dataclass(frozen=True)
class Network:
    layers: list
    head: Linear
    scale: float = 1.0
    activation: object = None


@dataclass
class Counted:
    values: np.ndarray
    total: float = field(init=False)

    def __post_init__(self):
        self.total = float(np.sum(self.values))


def affine_record(p, x):
    return np.tanh(x @ p.w + p.b)


def annotated_record(p: Linear, x):
    hidden = np.tanh(x @ p.w + p.b)
    return np.sum(hidden * p.b)


def record_by_number(p: Linear, x):
    return np.sum(p[0] * x + p[1])


def record_unpacked(p, x):
    w, b = p
    y = w * x
    return np.sum(y + b)


def record_both_ways(p, x):
    w, b = p
    return np.sum(w * x + b * p.b + p.w)


def records_in_list(layers, x):
    for layer in layers:
        x = np.tanh(layer.w * x + layer.b)
    return x


def records_by_index(layers, x):
    for i in range(len(layers)):
        x = np.tanh(layers[i].w * x + layers[i].b)
    return np.sum(x)


def record_of_records(net, x):
    for layer in net.layers:
        x = np.tanh(layer.w * x * net.scale + layer.b)
    return np.sum(x * net.head.w) + np.sum(net.head.b)


def records_in_dict(d, x):
    return d["linear"].w * x + d["pendulum"].angle


def pendulum_energy(p, mass):
    kinetic = 0.5 * mass * (p.length * p.speed) ** 2
    potential = mass * 9.81 * p.length * (1 - np.cos(p.angle))
    return kinetic + potential


def record_in_branch(o, x):
    if o.mode == "first":
        y = o.a * x
    else:
        y = o.b * x
    return y * o.inner.c


def gas_pressure(gas: Gas, n):
    return 8.31 * n * gas.T / gas.volume


def post_init_record(c, x):
    return np.sum(c.values * x) * c.total


def record_given_on(p, x):
    return np.sum(affine_record(p, x) * p.b)


class Walker(NamedTuple):
    place: float
    speed: float


def walker_steps(place, speed, n):
    w = Walker(place, speed)
    for _ in range(n):
        w = Walker(speed=w.speed - 0.1 * w.place, place=w.place + 0.1 * w.speed)
    return w.place * w.speed


def pushed(w, force):
    return Walker(w.place + w.speed, w.speed + 0.1 * force)


def walker_pushed(place, speed, force):
    w = pushed(Walker(place, speed), force)
    place, speed = pushed(w, force * force)
    return np.sum(place * speed + w.speed)


class Orbit(NamedTuple):
    place: np.ndarray
    speed: np.ndarray
    time: float = 0.0


def orbit_step(o: Orbit, step) -> Orbit:
    pull = -o.place / (1.0 + np.sum(o.place**2)) ** 1.5
    half = o.speed + 0.5 * step * pull
    place = o.place + step * half
    pull = -place / (1.0 + np.sum(place**2)) ** 1.5
    return Orbit(place, half + 0.5 * step * pull, o.time + step)


def orbit_path(place, speed, step, count):
    """Records in a list, made by a helper, one after the other."""
    orbit = Orbit(place, speed)
    path = [orbit]
    for _ in range(count):
        orbit = orbit_step(orbit, step)
        path.append(orbit)
    return sum(np.sum(o.place**2) * o.time for o in path) + np.sum(orbit.speed)


@dataclass
class Damping:
    strength: float
    power: float = 2.0
    name: str = "drag"


def damped(speed, strength):
    """A dataclass with defaults, made and handed on."""
    damping = Damping(strength)
    for _ in range(3):
        speed = speed - 0.1 * drag(damping, speed)
    return np.sum(speed)


def drag(d: Damping, speed):
    return d.strength * np.abs(speed) ** d.power


def histories(x, y, count):
    """A list of dicts, and dicts that are replaced."""
    state = {"x": x, "y": y}
    log = []
    for k in range(count):
        state = {**state, "x": state["x"] + 0.1 * np.sin(state["y"]), "k": k}
        log.append(state)
        state = dict(state, y=state["y"] * state["x"])
    return sum(entry["x"] * (entry["k"] + 1) for entry in log) * state["y"]
