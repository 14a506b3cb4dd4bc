"""Programs that make objects, call their methods and change their state."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np


class Dense:
    scale = 2.0

    def __init__(self, W, b, activation=np.tanh):
        self.W = W
        self.b = b
        self.activation = activation

    def forward(self, x):
        return self.activation(x @ self.W + self.b) * self.scale

    def __call__(self, x):
        return self.forward(x)

    @property
    def size(self):
        return np.sum(self.W**2)

    @staticmethod
    def half(x):
        return x / 2

    @classmethod
    def unbiased(cls, W):
        return cls(W, np.zeros(W.shape[1]))


def dense_layer(W, b, x):
    layer = Dense(W, b)
    return layer.forward(x)


def called_layer(W, b, x):
    layer = Dense(W, b, activation=np.sin)
    return np.sum(layer(x) ** 2) + 0.1 * layer.size + Dense.half(np.sum(x)) + layer.scale


def layer_of_class_method(W, x):
    return Dense.unbiased(2 * W)(x)


def two_of_one_class(W, b, x):
    first, second = Dense(W, b), Dense(W * W, 2 * b)
    return second(first(x)) + first(x)


def listed_layers(W, b, x):
    layers = [Dense(W, b), Dense(W * 2, b), Dense(W.T, b * b)]
    for layer in layers:
        x = layer(x)
    return x * layers[1].size


class Network:
    def __init__(self, parameters):
        self.layers = []
        for W, b in parameters:
            self.layers.append(Dense(W, b))

    def predict(self, x):
        for layer in self.layers[:-1]:
            x = layer(x)
        return self.layers[-1].forward(x)

    def penalty(self):
        return sum(layer.size for layer in self.layers)


def loss_of_network(Ws, bs, x, y):
    net = Network(list(zip(Ws, bs)))
    return np.sum((net.predict(x) - y) ** 2) + 0.01 * net.penalty()


class Linear:
    def __init__(self, W):
        self.W = W

    def __call__(self, x):
        return x @ self.W


class Relu:
    def __call__(self, x):
        return np.maximum(x, 0)


class Chain:
    def __init__(self, *steps):
        self.steps = steps

    def __call__(self, x):
        for step in self.steps:
            x = step(x)
        return x


def chain_of_steps(W, x):
    net = Chain(Linear(W), Relu(), Linear(W * 2))
    return net(x)


class Cell:
    def __init__(self, W, U, size):
        self.W = W
        self.U = U
        self.h = np.zeros(size)

    def step(self, x):
        self.h = np.tanh(self.W @ x + self.U @ self.h)
        return self.h


def recurrent_cell(W, U, xs):
    cell = Cell(W, U, len(W))
    loss = 0.0
    for x in xs:
        h = cell.step(x)
        loss = loss + np.sum(h**2)
    return loss * np.sum(cell.h)


class Lazy:
    def __init__(self, w):
        self.w = w
        self.h = None

    def step(self, x):
        if self.h is None:
            self.h = np.zeros(3)
        self.h = np.tanh(self.w * self.h + x)
        return self.h


def lazy_state(w, x, n):
    cell = Lazy(w)
    total = 0.0
    for _ in range(n):
        total = total + np.sum(cell.step(x))
    return total


class Adam:
    def __init__(self, rate=0.1, first=0.9, second=0.99):
        self.rate, self.first, self.second = rate, first, second
        self.m = 0.0
        self.v = 0.0
        self.t = 0

    def step(self, w, g):
        self.t += 1
        self.m = self.first * self.m + (1 - self.first) * g
        self.v = self.second * self.v + (1 - self.second) * g**2
        m = self.m / (1 - self.first**self.t)
        v = self.v / (1 - self.second**self.t)
        return w - self.rate * m / (np.sqrt(v) + 0.1)


def through_optimiser(w, target, rate, n):
    optimiser = Adam(rate=rate)
    for _ in range(n):
        w = optimiser.step(w, 2 * (w - target))
    return np.sum((w - target) ** 2)


class Particle:
    def __init__(self, x, v):
        self.x = x
        self.v = v

    def kick(self, dt):
        self.v -= dt * np.sin(self.x)

    def drift(self, dt):
        self.x = self.x + dt * self.v

    def step(self, dt):
        self.kick(dt)
        self.drift(dt)

    def energy(self):
        return 0.5 * self.v**2 - np.cos(self.x)

    def moved(self, dt):
        return Particle(self.x + dt * self.v, self.v - dt * np.sin(self.x))


def leapfrog(x, v, n):
    p = Particle(x, v)
    for _ in range(n):
        p.step(0.1)
    return p.energy()


def one_after_another(x, v, n):
    p = Particle(x, v)
    start = p
    for _ in range(n):
        p = p.moved(0.1)
    return p.energy() * start.energy()


def many_particles(xs, vs, n):
    particles = [Particle(x, v) for x, v in zip(xs, vs)]
    for _ in range(n):
        for p in particles:
            p.step(0.1)
    return sum(p.energy() for p in particles)


def particle_in_branch(x, v):
    if x > v:
        p = Particle(x, v)
    else:
        p = Particle(-x, 2 * v)
    p.step(0.2)
    return p.energy()


def second_name(x, v):
    p = Particle(x, v)
    q = p
    q.step(0.3)
    p.kick(0.1)
    return q.energy() * p.x


def nudge(p, amount):
    p.drift(amount)
    p.x = p.x * amount
    return p


def given_to_a_helper(x, v):
    p = Particle(x, v)
    q = nudge(p, 0.3)
    nudge(q, v)
    return p.energy()


def exchanged(x, v):
    p, q = Particle(x, v), Particle(v, x)
    p, q = q, p
    p.step(0.2)
    return p.energy() + 3 * q.energy()


def largest(xs):
    best = Particle(xs[0], 1.0)
    for x in xs:
        p = Particle(x * x, 0.5)
        if p.energy() > best.energy():
            best = p
    return best.energy() * best.x


@dataclass
class Body:
    place: float
    speed: float
    mass: float = 1.0
    path: list = field(default_factory=list)

    def pull(self, other):
        gap = other.place - self.place
        return other.mass * gap / (1 + gap**2)

    def move(self, force, dt):
        self.speed = self.speed + dt * force / self.mass
        self.place = self.place + dt * self.speed
        self.path.append(self.place)


def attracted(x, v, mass, n):
    sun, moon = Body(x, 0.0, mass=mass), Body(-x, v)
    for _ in range(n):
        force = moon.pull(sun)
        sun.move(-force, 0.1)
        moon.move(force, 0.1)
    return sun.place * moon.speed + sum(moon.path)


def pulled_together(x, n):
    bodies = [Particle(x[0], x[1]), Particle(x[1], x[2]), Particle(x[2], x[0])]
    for _ in range(n):
        for a in bodies:
            force = 0.0
            for b in bodies:
                if a is not b:
                    force = force + (b.x - a.x) / (1 + (b.x - a.x) ** 2)
            a.v = a.v + 0.1 * force
        for b in bodies:
            b.drift(0.1)
    return sum(b.x * b.v for b in bodies)


class Spring:
    def __init__(self, end, stiffness):
        self.end = end
        self.stiffness = stiffness

    def pull(self):
        self.end.v = self.end.v - 0.1 * self.stiffness * self.end.x


def shared_end(x, stiffness, n):
    end = Particle(x, 0.5)
    left, right = Spring(end, stiffness), Spring(end, 2 * stiffness)
    for _ in range(n):
        left.pull()
        end.drift(0.1)
        right.pull()
    return left.end.v * right.end.x


class Shape(ABC):
    @abstractmethod
    def area(self): ...

    def scaled(self, k):
        return self.area() * k


class Square(Shape):
    def __init__(self, a):
        self.a = a

    def area(self):
        return self.a**2


class Disc(Shape):
    def __init__(self, r):
        self.r = r

    def area(self):
        return np.pi * self.r**2


def areas(a, r):
    return sum(shape.scaled(2.0) for shape in [Square(a), Disc(r), Square(a * r)])


def one_of_two_shapes(a, r):
    if a > r:
        shape = Square(a)
    else:
        shape = Disc(r)
    return shape.scaled(a)


class Scaled(Linear):
    def __init__(self, W, k):
        super().__init__(W)
        self.k = k

    def __call__(self, x):
        return super().__call__(x) * self.k


def inherited(W, k, x):
    return Scaled(W, k)(x) + Linear(W)(x) * k


class Vector:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def __mul__(self, k):
        return Vector(self.x * k, self.y * k)

    def __rmul__(self, k):
        return self * k

    def dot(self, other):
        return self.x * other.x + self.y * other.y


def vector_sums(a, b, c):
    u = Vector(a, b)
    v = 2.0 * Vector(b, c) * a
    u += v
    return u.dot(v) + (u + v).dot(u)


def orbit_of_vectors(a, b, n):
    place, speed = Vector(a, b), Vector(b, -a)
    for _ in range(n):
        place = place + speed * 0.1
        speed = speed + place * -0.1
    return place.dot(speed)


class Answer:
    def __init__(self, x):
        self.x = x

    def to(self, y):
        if y > 1:
            return self.x * y
        if y > 0:
            self.x = self.x * 2
            return y
        for _ in range(3):
            if self.x > 1:
                return self.x
            self.x = self.x + y * y
        return self.x * y


def early_answers(x, y):
    answer = Answer(x)
    total = 0.0
    for d in (1.5, 0.5, -0.5):
        total = total + answer.to(y + d)
    return total * answer.x


class Meter:
    def __init__(self):
        self.total = 0.0
        self.count = 0

    def add(self, value):
        self.total += value
        self.count += 1

    @property
    def mean(self):
        return self.total / self.count


def metered(xs):
    meter = Meter()
    for x in xs:
        if x > 0.5:
            meter.add(x * x)
    return meter.mean * meter.total


class Decay:
    def __init__(self, k):
        self.k = k

    def rate(self, y):
        return -self.k * np.sin(y)


def euler(f, y, n):
    for _ in range(n):
        y = y + 0.1 * f(y)
    return y


def method_as_argument(k, y):
    decay = Decay(k)
    return euler(decay.rate, y, 3) * decay.rate(y)


class Options:
    gain = 1.5

    def __init__(self, x, **options):
        self.x = x
        self.a = options["a"]
        self.gain = self.gain * options.get("gain", 2.0)

    def pair(self, y):
        return self.x * y, self.x + self.gain


def options_and_pairs(x, y):
    first, second = Options(x, a=y, gain=y), Options(y, a=x)
    p, q = first.pair(y)
    second.x, r = second.pair(p)
    return p * q + r * second.x * first.a * second.gain


class Celsius:
    def __init__(self, t):
        self._t = t

    @property
    def kelvin(self):
        return self._t + 2.73

    @kelvin.setter
    def kelvin(self, value):
        self._t = value * 3


def set_by_property(x):
    c = Celsius(x)
    c.kelvin = c.kelvin * x
    return c.kelvin


class Stack:
    def __init__(self):
        self.items = []

    def push(self, value):
        self.items.append(value)

    def pop(self):
        return self.items.pop()

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


def stacked(x):
    stack = Stack()
    for v in x:
        stack.push(v * v)
    total = stack[0] * stack[-1]
    while len(stack) > 0:
        total = total * stack.pop() + 1
    return total


class Pair(NamedTuple):
    a: float
    b: float

    def line(self, x):
        return self.a * x + self.bend(x)

    def bend(self, x):
        return self.b * x**2

    def shifted(self, d):
        return Pair(self.a + d, self.b * d)


def methods_of_a_tuple(p: Pair, x):
    q = p.shifted(x)
    for _ in range(3):
        q = q.shifted(0.5)
    return q.line(x) * p._replace(a=x).bend(x)


@dataclass
class Oscillator:
    m: float
    k: float

    def energy(self, x):
        return 0.5 * self.k * x**2 / self.m

    @property
    def pace(self):
        return np.sqrt(self.k / self.m)


def methods_of_a_record(p: Oscillator, x):
    return p.energy(x) * p.pace + p.m


def oscillators(ps: list[Oscillator], x):
    total = 0.0
    for p in ps:
        total += p.energy(x) * p.pace
    return total


def named_oscillators(ps: dict[str, Oscillator], x):
    return ps["slow"].energy(x) + ps["fast"].pace


def energy_of(p, x):
    return p.energy(x) ** 2


def record_given_to_a_helper(p: Oscillator, x):
    return energy_of(p, x) + euler(p.energy, x, 2)


def changed_record(m, k):
    p = Oscillator(m, k)
    p.k = p.k * p.m
    p.m += p.k
    return p.energy(m) * p.pace


def points_in_steps(xs, n):
    points = [Particle(x, 0.5) for x in xs]
    for _ in range(n):
        points = [p.moved(0.1) for p in points]
    return sum(p.x * p.v for p in points)


def first_and_rest(x, y):
    pair = (Particle(x, y), Particle(y, x))
    first, second = pair
    head, *rest = [first.moved(0.1), second.moved(0.2), Particle(x, x)]
    return pair[0].x * head.v + rest[1].x * rest[0].v


def read_before_it_changes(x, y):
    p = Particle(x, y)

    def double():
        nonlocal x
        x = x * 2
        return x

    return p.x * double() + x * p.energy()


def fields_at_once(x, y):
    p = Particle(x, y)
    p.x, p.v = p.v, p.x * y
    p.v = z = p.v * p.x
    (p.x, q), p.v = (p.v + z, p.x), 3 * p.x
    return p.x * p.v * q


def memory(x, n):
    a, b = Particle(x, 1.0), Particle(2 * x, x)
    for _ in range(n):
        a, b = b, Particle(a.x * b.v, a.v + b.x)
    return a.x * b.v


def sum_in_a_dict(w, b, xs):
    net = {"first": Linear(w), "second": Scaled(w * w, b)}
    net["second"].k = net["second"].k * 2
    total = 0.0
    for x in xs:
        total = total + np.sum(net["second"](net["first"](x)))
    return total


def conditional_object(x, y):
    p = Particle(x, y) if x > y else Particle(y, x).moved(0.2)
    p.step(0.1)
    return p.energy()


def found(xs, limit):
    for x in xs:
        p = Particle(x * x, x)
        if x > limit:
            return p
    return Particle(limit, xs[0])


def first_found(xs):
    near, far = found(xs, 0.5), found(xs, 5.0)
    return near.energy() * far.moved(0.1).x
