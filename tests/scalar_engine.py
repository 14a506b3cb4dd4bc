"""Engines of scalars whose classes say what operators do, and networks made of them."""

import math
from dataclasses import dataclass


class Value:
    """A scalar."""

    def __init__(self, data):
        self.data = data

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data)

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data)
        return out

    def __pow__(self, other):
        assert isinstance(other, (int, float)), "only supporting int/float powers for now"
        return Value(self.data**other)

    def __neg__(self):
        return self * -1

    def __radd__(self, other):
        return self + other

    def __sub__(self, other):
        return self + (-other)

    def __rsub__(self, other):
        return other + (-self)

    def __rmul__(self, other):
        return self * other

    def __truediv__(self, other):
        return self * other**-1

    def __rtruediv__(self, other):
        return other * self**-1

    def relu(self):
        return Value(0 if self.data < 0 else self.data)  # noqa: FURB136  # as people write it

    def tanh(self):
        x = self.data
        t = (math.exp(2 * x) - 1) / (math.exp(2 * x) + 1)
        return Value(t)

    def exp(self):
        return Value(math.exp(self.data))

    def __repr__(self):
        return f"Value(data={self.data})"


def expression(x, w):
    a = Value(x)
    b = Value(w)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    return g.data


def neuron(x1, x2, w1, w2, b):
    n = Value(x1) * Value(w1) + Value(x2) * w2 + b
    e = (2 * n).exp()
    o = (e - 1) / (e + 1)
    return o.data + n.tanh().data


def total(xs):
    s = sum(Value(x) * 2 for x in xs)
    return s.data


def total2(xs, b):
    s = sum((Value(x) * 2 for x in xs), Value(b))
    return s.data


def total3(xs):
    s = Value(0.0)
    for x in xs:
        s = s + x * Value(x)
    return s.tanh().data


def total4(xs, ws):
    vs = [Value(x) for x in xs]
    s = Value(0.0)
    for v, w in zip(vs, ws, strict=True):
        s += v * w
    return s.relu().data


class Neuron:
    def __init__(self, weights, bias):
        self.w = [Value(w) for w in weights]
        self.b = Value(bias)

    def __call__(self, x):
        act = sum((wi * xi for wi, xi in zip(self.w, x, strict=True)), self.b)
        return act.tanh()


class Layer:
    def __init__(self, rows, biases):
        self.neurons = [Neuron(row, b) for row, b in zip(rows, biases, strict=True)]

    def __call__(self, x):
        return [n(x) for n in self.neurons]


class Net2:
    def __init__(self, w1, b1, w2, b2):
        self.first = Layer(w1, b1)
        self.second = Layer(w2, b2)

    def __call__(self, x):
        return self.second(self.first(x))


class Net3:
    def __init__(self, w1, b1, w2, b2):
        self.first = Layer(w1, b1)
        self.second = Neuron(w2, b2)

    def __call__(self, x):
        return self.second(self.first(x))


class MLP:
    def __init__(self, ws, bs):
        self.layers = [Layer(w, b) for w, b in zip(ws, bs, strict=True)]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


def one(ws, b, xs):
    n = Neuron(ws, b)
    return n(xs).data


def onevalue(ws, b, xs):
    n = Neuron(ws, b)
    return n([Value(x) for x in xs]).data


def layer(rows, bs, xs):
    made = Layer(rows, bs)
    outs = made(xs)
    return outs[0].data * 2 + outs[1].data


def layersum(rows, bs, xs):
    return sum(o**2 for o in Layer(rows, bs)(xs)).data


def net2(w1, b1, w2, b2, xs):
    out = Net2(w1, b1, w2, b2)([Value(x) for x in xs])
    return out[0].data


def net3(w1, b1, w2, b2, xs):
    return Net3(w1, b1, w2, b2)(xs).data


def net2b(w1, b1, w2, b2, xs):
    return Net2(w1, b1, w2, b2)(xs)[0].data


def mlp(ws, bs, xs):
    out = MLP(ws, bs)([Value(x) for x in xs])
    return out[0].data


def loss(w1, b1, w2, b2, xs, ys):
    net = Net3(w1, b1, w2, b2)
    losses = [(net([x]) - y) ** 2 for x, y in zip(xs, ys, strict=True)]
    return sum(losses).data


class FromNumbers:
    def __init__(self, data):
        self.data = data

    def __mul__(self, other):
        if isinstance(other, (int, float)):
            other = FromNumbers(other)
        return FromNumbers(self.data * other.data)

    __rmul__ = __mul__

    def __pow__(self, other):
        if not isinstance(other, (int, float)):
            raise TypeError("power")
        return FromNumbers(self.data**other)


class InEachCase:
    def __init__(self, data):
        self.data = data

    def __mul__(self, other):
        if isinstance(other, InEachCase):
            return InEachCase(self.data * other.data)
        return InEachCase(self.data * other)

    def __rmul__(self, other):
        return self * other

    def __add__(self, other):
        if isinstance(other, InEachCase):
            return InEachCase(self.data + other.data)
        elif isinstance(other, (int, float)):  # noqa: RET505  # as people write it
            return InEachCase(self.data + other)
        else:
            return NotImplemented


class Chosen:
    def __init__(self, data):
        self.data = data

    def __mul__(self, other):
        other = Chosen(other) if isinstance(other, (int, float)) else other
        return Chosen(self.data * other.data)

    def __add__(self, other):
        data = other.data if isinstance(other, Chosen) else other
        return Chosen(self.data + data)

    def __sub__(self, other):
        other = self._wrap(other)
        return Chosen(self.data - other.data)

    @staticmethod
    def _wrap(v):
        return v if isinstance(v, Chosen) else Chosen(v)

    def __truediv__(self, other):
        if not isinstance(other, self.__class__):
            other = type(self)(other)
        return Chosen(self.data / other.data)


@dataclass
class Dual:
    re: float
    im: float

    def __add__(self, other):
        other = other if isinstance(other, Dual) else Dual(other, 0.0)
        return Dual(self.re + other.re, self.im + other.im)

    def __mul__(self, other):
        if not isinstance(other, Dual):
            other = Dual(other, 0.0)
        return Dual(self.re * other.re, self.re * other.im + self.im * other.re)

    __rmul__ = __mul__


def numbers_first(x, w):
    return (FromNumbers(x) * w).data


def numbers_and_objects(x, w):
    return (FromNumbers(x) * FromNumbers(w) * 2.0).data


def reflected_by_another_name(x, w):
    return (3 * FromNumbers(x) * FromNumbers(w) ** 2).data


def plain_number(x, w):
    return (InEachCase(x) * w).data


def returns_in_each_case(x, w):
    return (InEachCase(x) * InEachCase(w) * 2.0 * x).data


def number_in_second_test(x, w):
    return (InEachCase(x) * InEachCase(w) + 2.0).data


def unsupported_else(x, w):
    return (InEachCase(x) * InEachCase(w) + w).data


def chosen_number(x, w):
    return (Chosen(x) * w).data


def chosen_data(x, w):
    return ((Chosen(x) * Chosen(w) * 2.0 + x) - w).data


def wrapped_by_static_method(x, w):
    return ((Chosen(x) - Chosen(w)) / x / Chosen(w)).data


def dual_numbers(x, w):
    return (Dual(x, 1.0) * Dual(w, 0.0) * 2.0 + 1.0).im


def dual_times_number(x, w):
    return (Dual(x, 1.0) * w).re


def dual_times_stated_number(x: float, w: float):
    return (Dual(x, 1.0) * w + x).re


def dual_times_computed_number(x, w):
    return (Dual(x, 1.0) * (w * 2)).re


def test_and_comparison(x, w):
    a = FromNumbers(x)
    if isinstance(a, FromNumbers) and x > 0:
        return (a * w).data
    return 0.0


def test_in_comprehension(x, w):
    items = [InEachCase(x), InEachCase(w)]
    return sum(v.data for v in items if isinstance(v, InEachCase))


class Kept:
    def __init__(self, v):
        self.v = v

    def plus(self, w):
        return Kept(self.v * w + self.v)


def run(v, n):
    for _ in range(n):
        v = v.plus(2.0)
    return v


def rebound_in_a_loop(x):
    return run(Kept(x), 3).v


def run2(vs, n):
    for _ in range(n):
        vs = [v.plus(2.0) for v in vs]
    return vs


def list_rebound_in_a_loop(x):
    return run2([Kept(x), Kept(x * 2)], 3)[0].v


def run3(v, n):
    if n > 2:
        v = v.plus(2.0)
    return v


def rebound_in_a_branch(x):
    return run3(Kept(x), 3).v


def chosen_value(x, w):
    w = w if isinstance(w, Value) else Value(w)
    return x * w.data
