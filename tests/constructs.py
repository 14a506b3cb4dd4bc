"""The constructs of the language, each as a function f(x, y) of four numbers and one.

`test_constructs.py` holds each against central differences or to its refusal; docs/language.md is
written from the same table.
"""

# ruff: noqa: E501  # each body is one string

from __future__ import annotations

GROUPS: dict[str, dict[str, str]] = {
    "Control flow": {
        "`if`, `elif`, `else`": "if y > 2:\n    x = x * y\nelif x[0] > 0:\n    x = np.sin(x)\nelse:\n    x = -x\nreturn x",
        "`for` over `range`": "for i in range(3, -1, -2):\n    y = y * x[i]\nreturn y",
        "`for` without a round": "for i in range(0):\n    y = y * x[i]\nreturn y * x[0]",
        "`for` over an array": "for v in x:\n    y = y * np.sin(v)\nreturn y",
        "`zip`, `enumerate`, `reversed`": "for i, (a, b) in enumerate(zip(x, reversed(x))):\n    y += i * a * b\nreturn y",
        "a loop's variable afterwards": "for i in range(3):\n    y = y + x[i]\nreturn y * x[i]",
        "nested loops": "for i in range(4):\n    for j in range(i):\n        y += x[i] * x[j]\nreturn y",
        "`while`": "while y < 20:\n    y = y * (1 + x[0])\nreturn y",
        "`break` and `continue`": "for v in x:\n    if v > 1.2:\n        break\n    if v < 0.6:\n        continue\n    y = y * v\nreturn y",
        "`else` of a loop": "for v in x:\n    if v > 9:\n        break\nelse:\n    y = y * x[1]\nreturn y",
        "`return` anywhere": "for v in x:\n    if v > 1:\n        return v * y\nreturn y",
        "`match` on values": "match len(x):\n    case 1 | 2:\n        y = y * x[0]\n    case _:\n        y = y * x[2]\nreturn y",
        "an assignment in an expression": "if (s := np.sum(x)) > 1:\n    y = y * s\nreturn y",
        "conditional expressions": "return y * x[0] if y > 0 else x[1]",
        "comprehensions and generators": "return sum(v * y for v in x) + np.sum(np.array([v * v for v in x if v > 0.6]))",
        "`assert`, `raise`, `pass`, `del`": 'if len(x) < 2:\n    raise ValueError("too short")\nassert y > 0\nt = x * y\nz = t * t\ndel t\nreturn z',
        "f-strings": 'name = f"{len(x)} values, first {x[0]:.2f}"\nif y < 0:\n    raise ValueError(name)\nreturn y * x',
        "`with np.errstate`": 'with np.errstate(divide="ignore"):\n    z = x / y\nreturn z',
        "`with` of contexts that only tell": 'with np.errstate(all="ignore"), np.printoptions(precision=3):\n    z = np.log(x) * y\nreturn z',
        "`try` whose handlers only raise": 'try:\n    z = np.linalg.solve(np.diag(x), x * y)\nexcept np.linalg.LinAlgError as e:\n    raise ValueError("singular") from e\nelse:\n    z = z * x\nreturn z',
        "`try` that goes on after an error": "try:\n    z = x / y\nexcept ValueError:\n    z = x\nreturn z",
    },
    "Writes in place": {
        "an element": "z = x.copy()\nz[0] = y * z[1]\nz[2] *= y\nreturn z",
        "a slice": "z = np.zeros(4)\nz[1:3] = x[:2] * y\nz[::2] += x[2]\nreturn z",
        "a mask": "z = x * y\nz[z > 1] = x[0]\nz[x < 1] *= y\nreturn z",
        "picked entries, also repeated": "z = x * y\nz[[0, 2, 0]] = x[:3]\nz[[1, 1]] += y\nreturn z",
        "`np.add.at`, `np.subtract.at`": "z = x * y\nnp.add.at(z, [0, 0, 1], x[1:])\nnp.subtract.at(z, [2, 2], y)\nreturn z * x",
        "`x += v` on an array": "z = x.copy()\nz += y * x\nz /= 1 + z\nreturn z",
        "`s += v` on an element": "s = x[0]\nfor v in x[1:]:\n    s += v * x[0]\nreturn s * y",
        "`out=`": "z = np.empty_like(x)\nnp.multiply(x, y, out=z)\nnp.exp(z, z)\nreturn z",
        "`out=` with `where=`": "z = np.divide(x, y, out=np.zeros_like(x), where=x > 1)\nnp.log(x, out=z, where=x > 2)\nreturn z",
        "`fill`, `np.copyto`, `np.fill_diagonal`": "z = np.outer(x, x)\nnp.fill_diagonal(z, y)\nw = np.empty(4)\nw.fill(y)\nnp.copyto(w, x, where=x > 1)\nreturn z @ w",
        "`sort` and `reverse`": "z = x * y\nz.sort()\nreturn z * x",
        "a view": "z = x.copy()\nw = z[1:]\nw *= y\nreturn z * x",
        "a parameter": "x[1:] *= y\nreturn x * y",
        "a swap of parts": "z = x.copy()\nz[:2], z[2:] = z[2:] * y, z[:2] * 1.0\nreturn z * x",
        "lists: `append`, `pop`, `extend`": "values = [y]\nfor v in x:\n    values.append(values[-1] * v)\nvalues.extend([y, y * y])\nlast = values.pop()\nreturn last * values[2]",
        "lists: `insert`, `pop(i)`, `del`, `clear`": "queue = [y, x[0]]\nfor v in x:\n    queue.insert(0, v * y)\n    queue.append(queue.pop(1) * v)\ndel queue[2]\nlast = queue.pop()\nqueue.clear()\nreturn last * len(queue) + last * x[1]",
        "lists: `sort` with a key, `+`, `*`, `copy`": "values = [v * y for v in x]\nvalues.sort(key=lambda v: -v)\nvalues = [y] + values[1:] + [x[0]] * 2\nother = values.copy()\nother[0] = x[1]\nvalues += [other[0] * y]\nreturn values[0] * values[1] * values[-1]",
        "a transposed view that is written into": "z = np.outer(x, x)\nw = z.T\nw[0] *= y\nreturn z",
        "a reshaped view of a new array that is written into": "z = np.zeros((2, 4))\nw = z.reshape(-1)\nw[:4] = x * y\nreturn z",
        "what may be a view or a copy, and is written into": "z = np.outer(x, x)\nw = z.ravel()\nw[0] *= y\nreturn z",
    },
    "Lists, tuples and dicts": {
        "a table filled step by step": "z = np.zeros(5)\nfor i in range(4):\n    z[i + 1] = np.tanh(z[i] + y * x[i])\nreturn z",
        "a list of a length": "z = [0.0] * 5\nfor i in range(4):\n    z[i + 1] = z[i] * y + x[i]\nreturn z[4]",
        "a list of lists": "z = [[0.0] * 2 for _ in range(4)]\nfor i in range(4):\n    z[i][1] = x[i] * z[i - 1][1] + y\nreturn z[3][1]",
        "a dict": 'd = {"w": x, "b": y}\nd["h"] = np.tanh(d["w"] * d["b"])\nd["b"] = d["b"] * 2\nreturn d["h"] * d["b"]',
        "entries whose keys are computed": "h = {-1: y}\nfor t in range(4):\n    h[t] = np.sin(h[t - 1]) * x[t]\nreturn h[3] + h[1]",
        "`get`, `setdefault`, `update`, `in`": 'd = {}\nfor i, v in enumerate(x):\n    d[i % 2] = d.get(i % 2, 0.0) + v * y\nd.setdefault(2, y)\nd.update(a=x[0], b=d[1])\nreturn d[0] * d[2] * d["b"] if "a" in d else y',
        "entries taken out of a dict": 'd = {"a": y, "b": x[0]}\nz = d["a"] * d["b"]\ndel d["a"]\nreturn z * d.pop("b") * d.pop("c", 2.0)',
        "`defaultdict`, `OrderedDict`": "from collections import defaultdict\n\nsums = defaultdict(float)\ngroups = defaultdict(list)\nfor i, v in enumerate(x):\n    sums[i % 2] += v * y\n    groups[i % 2].append(v)\nreturn sums[0] * sums[1] * sum(groups[1])",
        "`deque`": "from collections import deque\n\nwindow = deque([y], maxlen=3)\ns = 0.0\nfor v in x:\n    window.append(v * window[0])\n    s = s + sum(window)\nreturn s * window.popleft()",
        "dict comprehensions": "d = {i: v * y for i, v in enumerate(x)}\nreturn sum(d.values()) * d[2]",
        "loops over a dict": "d = {i: v * y for i, v in enumerate(x)}\ns = 0.0\nfor k, v in d.items():\n    s = s + (k + 1) * np.sin(v)\nreturn s",
        "a dict that gets keys after a loop over its keys": 'd = {"a": y}\ns = 0.0\nfor k in d:\n    s = s + d[k] ** 2\nd["b"] = x[0] * s\nreturn d["b"] * d["a"]',
        "one dict under two names": 'd = {"a": y}\ne = d\ne["a"] = x[0] * y\nreturn d["a"]',
        "dicts that are copied and joined": 'd = {"a": y, "b": x[0]}\ne = {**d, "b": d["a"] * x[1]}\ne["a"] = e["a"] * x[0]\nf = dict(e, c=y)\ng = f | {"a": x[2] * f["b"]}\nreturn d["a"] * d["b"] * g["a"] * g["c"]',
        "entries by keywords": 'def scaled(v, gain, shift=1.0):\n    return v * gain + shift\n\nsettings = {"gain": y, "shift": x[0]}\nparts = [[x[0], x[1]], [y, y * y]]\nreturn sum(scaled(v, **settings) * w for v, w in zip(*parts))',
        "a returned dict": 'h = np.tanh(x * y)\nreturn {"h": h, "loss": np.sum(h**2)}',
        "a returned list": "values = [y]\nfor v in x:\n    values.append(values[-1] * v)\nreturn values",
    },
    "Functions": {
        "an inner function": "def step(a, b=2.0):\n    return a * np.sin(y) + b\n\nreturn step(x) * step(y, b=x[0])",
        "an inner function that writes what it sees": "z = x.copy()\n\ndef step():\n    z[0] = z[0] * y\n    return z[1] * z[0]\n\na = step()\nb = step()\nreturn a * b * z",
        "a call that writes, after something was read": "z = x.copy()\n\ndef step():\n    z[0] = z[0] * y\n    return z[1]\n\nreturn z[0] + step()",
        "a lambda, functions as arguments": "def twice(g, v):\n    return g(g(v))\n\nreturn twice(lambda v: v * y + x, y)",
        "functions that may be left out": "def dense(v, act=None):\n    if act is not None:\n        v = act(v)\n    return v\n\nreturn dense(x * y, np.tanh) + dense(x)",
        "closures that a function returns": "def scaled(k):\n    def inner(v):\n        return k * np.sin(v)\n\n    return inner\n\ng, h = scaled(y), scaled(x[0])\nreturn g(x) * h(y)",
        "composed functions": "def composed(*functions):\n    def inner(v):\n        for g in functions:\n            v = g(v)\n        return v\n\n    return inner\n\nh = composed(np.sin, lambda v: v * y, np.exp)\nreturn h(x)",
        "`map`, `filter`, `sorted`": "return sum(map(lambda v: v * y, filter(lambda v: v > 0.6, x))) * sorted(x)[1]",
        "`max` and `min` with a key": "i, v = max(enumerate(x), key=lambda pair: pair[1])\nnear = min(x, key=lambda v: (v - 1.1) ** 2)\nreturn v * near * y + i",
        "`combinations`, `product`, `pairwise`": "from itertools import combinations, pairwise, product\n\ns = sum((b - a) ** 2 for a, b in pairwise(x))\nfor a, b in combinations(x, 2):\n    s = s + a * b**2\nfor i, j in product(range(2), repeat=2):\n    s = s + x[i] * x[j] * y\nreturn s",
        "`accumulate`, `chain`, `zip_longest`, `reduce`": "from functools import reduce\nfrom itertools import accumulate, chain, zip_longest\n\nsums = list(accumulate(x))\ns = reduce(lambda a, b: a * 0.5 + b, chain(sums, [y]))\nfor a, b in zip_longest(x, x[:2], fillvalue=1.0):\n    s = s + a * b\nreturn s",
        "columns: `zip(*rows)`": "rows = [[x[0], x[1]], [x[2], y]]\ncolumns = [list(column) for column in zip(*rows)]\nreturn columns[0][1] * columns[1][0]",
        "imports": "import itertools\nfrom math import pi, sin\n\nreturn sin(x[0]) * pi * sum(a * y for a in itertools.islice(x, 1, 3))",
        "helpers that return several values": "def halves(v, w):\n    total = v + w\n    product = v * w\n    return total, product\n\na, b = halves(x, y)\nc, _ = halves(b, a)\nreturn np.sum(c * a)",
        "branches by kind": "z = x\nif z.ndim == 1:\n    z = z.reshape(1, -1)\nw = z[:, 0] if z.ndim == 2 else z[:, 0, 0]\nreturn np.sum(z * y) * w",
        "starred arguments": "def total(first, *rest):\n    for v in rest:\n        first = first * v\n    return first\n\nreturn total(y, *x)",
    },
    "Classes and objects": {
        "an object and its methods": "class Dense:\n    def __init__(self, w, b=0.5):\n        self.w = w\n        self.b = b\n\n    def __call__(self, v):\n        return np.tanh(v * self.w + self.b)\n\n\nlayer = Dense(y)\nreturn layer(x) + layer.w",
        "an object that changes": "class Cell:\n    def __init__(self, w):\n        self.w = w\n        self.h = 0.0\n\n    def step(self, v):\n        self.h = np.tanh(self.w * self.h + v)\n        return self.h\n\n\ncell = Cell(y)\ntotal = 0.0\nfor v in x:\n    total = total + cell.step(v) ** 2\nreturn total * cell.h",
        "one object after another": "class Point:\n    def __init__(self, place, speed):\n        self.place, self.speed = place, speed\n\n    def moved(self, step):\n        return Point(self.place + step * self.speed, self.speed - step * np.sin(self.place))\n\n\np = Point(x[0], y)\nfor v in x:\n    p = p.moved(0.1 * v)\nreturn p.place * p.speed",
        "lists of objects": "class Point:\n    def __init__(self, place):\n        self.place = place\n\n    def move(self, step):\n        self.place = self.place * step\n\n\npoints = [Point(v) for v in x]\nfor p in points:\n    p.move(y)\nreturn sum(p.place**2 for p in points) * points[0].place",
        "properties, static methods and class methods": "class Scale:\n    def __init__(self, k):\n        self.k = k\n\n    @property\n    def double(self):\n        return 2 * self.k\n\n    @staticmethod\n    def half(v):\n        return v / 2\n\n    @classmethod\n    def of(cls, v):\n        return cls(v * v)\n\n\nreturn Scale.of(y).double * Scale.half(x)",
        "a class above": "class Base:\n    def __init__(self, a):\n        self.a = a\n\n    def f(self, v):\n        return self.a * v\n\n\nclass Shifted(Base):\n    def __init__(self, a, b):\n        super().__init__(a)\n        self.b = b\n\n    def f(self, v):\n        return super().f(v) + self.b\n\n\nreturn Shifted(y, x[0]).f(x)",
        "operators of a class": "class Vector:\n    def __init__(self, a, b):\n        self.a, self.b = a, b\n\n    def __add__(self, other):\n        return Vector(self.a + other.a, self.b + other.b)\n\n    def __mul__(self, k):\n        return Vector(self.a * k, self.b * k)\n\n\nv = Vector(x, y) * y + Vector(y, x[0])\nreturn v.a * v.b",
        "two names of one object": "class Count:\n    def __init__(self, v):\n        self.v = v\n\n\na = Count(y)\nb = a\nb.v = b.v * x[0]\nreturn a.v * x",
        "an object of which it isn't known which it is": "class Count:\n    def __init__(self, v):\n        self.v = v\n\n\na, b = Count(y), Count(x[0])\nc = a\nif y > x[0]:\n    c = b\nc.v = c.v * 2\nreturn a.v * b.v",
        "an object as a value": "class Count:\n    def __init__(self, v):\n        self.v = v\n\n\nreturn Count(x * y)",
    },
}
REFUSED = {
    "`try` that goes on after an error": "SD101",
    "what may be a view or a copy, and is written into": "SD110",
    "one dict under two names": "SD110",
    "a call that writes, after something was read": "SD103",
    "an object of which it isn't known which it is": "SD110",
    "an object as a value": "SD103",
}


def module(body: str) -> str:
    """Give the text of a module with the construct in a function, below the classes that it has."""
    above, _, body = body.rpartition("\n\n\n")
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    head = "import numpy as np\n\n\n" + (f"{above}\n\n\n" if above else "")
    return f"{head}def f(x, y):\n{lines}"
