"""Classes as people write them: networks, their layers and their losses, for tests."""

from __future__ import annotations

LAYERS = '''
import numpy as np


class Affine:
    def __init__(self, W, b):
        self.W = W
        self.b = b

    def forward(self, x):
        return x @ self.W + self.b


class Relu:
    def forward(self, x):
        self.mask = x > 0
        return x * self.mask


class Softmax:
    """The mean cross entropy of scores with labels."""

    def forward(self, s, y):
        shifted = s - np.max(s, axis=1, keepdims=True)
        logs = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
        return -np.mean(logs[np.arange(len(y)), y])


class Dropout:
    def __init__(self, p):
        self.p = p

    def forward(self, x):
        self.mask = (np.random.rand(*x.shape) < self.p) / self.p
        return x * self.mask
'''

TWO_LAYERS = (
    LAYERS
    + """

class Net:
    def __init__(self, W1, b1, W2, b2):
        self.fc1 = Affine(W1, b1)
        self.relu = Relu()
        self.fc2 = Affine(W2, b2)
        self.loss = Softmax()

    def forward(self, x, y):
        h = self.relu.forward(self.fc1.forward(x))
        return self.loss.forward(self.fc2.forward(h), y)
"""
)

DROPPED = (
    LAYERS
    + """

class Net:
    def __init__(self, W1, b1, W2, b2):
        self.fc1 = Affine(W1, b1)
        self.drop = Dropout(0.7)
        self.fc2 = Affine(W2, b2)

    def forward(self, x):
        h = np.tanh(self.fc1.forward(x))
        return np.sum(self.fc2.forward(self.drop.forward(h)) ** 2)
"""
)

REGULARISED = (
    LAYERS
    + """

class Net:
    def __init__(self, W1, b1, W2, b2):
        self.reg = 0.3
        self.fc1 = Affine(W1, b1)
        self.relu = Relu()
        self.fc2 = Affine(W2, b2)
        self.loss = Softmax()

    def forward(self, x, y):
        h = self.relu.forward(self.fc1.forward(x))
        data = self.loss.forward(self.fc2.forward(h), y)
        weights = np.sum(self.fc1.W**2) + np.sum(self.fc2.W**2)
        return data + 0.5 * self.reg * weights
"""
)

TIED = """
import numpy as np


class Encoder:
    def __init__(self, W):
        self.W = W

    def forward(self, x):
        return np.tanh(x @ self.W)


class Net:
    def __init__(self, W):
        self.encoder = Encoder(W)

    def forward(self, x):
        h = self.encoder.forward(x)
        return np.mean((h @ self.encoder.W.T - x) ** 2)
"""

ONLY_READ = """
import numpy as np


class Table:
    def __init__(self, W):
        self.W = W


class Net:
    def __init__(self, W):
        self.table = Table(W)

    def forward(self, x):
        return np.sum(np.sin(x @ self.table.W))
"""

BATCHNORM = """
import numpy as np


class BatchNorm:
    def __init__(self, gamma, beta):
        self.gamma = gamma
        self.beta = beta
        self.mean = np.zeros(3)
        self.var = np.ones(3)
        self.train = True

    def forward(self, x):
        if self.train:
            mu = np.mean(x, axis=0)
            var = np.var(x, axis=0)
            self.mean = 0.9 * self.mean + 0.1 * mu
            self.var = 0.9 * self.var + 0.1 * var
        else:
            mu = self.mean
            var = self.var
        xhat = (x - mu) / np.sqrt(var + 1e-5)
        return self.gamma * xhat + self.beta
"""

CONVOLUTION = '''
import numpy as np


class Conv:
    """Valid correlation of images (n, c, h, w) with filters (f, c, k, k)."""

    def __init__(self, W, b):
        self.W = W
        self.b = b

    def forward(self, x):
        n, _, h, w = x.shape
        f, _, k, _ = self.W.shape
        out = np.zeros((n, f, h - k + 1, w - k + 1))
        for i in range(h - k + 1):
            for j in range(w - k + 1):
                patch = x[:, :, i : i + k, j : j + k]
                out[:, :, i, j] = np.tensordot(patch, self.W, axes=([1, 2, 3], [1, 2, 3])) + self.b
        return out
'''

HELPERS = """
import numpy as np


def leaky(z):
    return np.maximum(z, 0.1 * z)


def gated(z):
    a = np.tanh(z)
    return a * z


class Net:
    def __init__(self, W, V):
        self.W = W
        self.V = V

    def linear(self, x):
        z = x @ self.W
        return z * z

    def act(self, z):
        return z * np.tanh(z @ self.V)

    def forward(self, x):
        h = leaky(2 * self.act(self.linear(x)))
        return np.sum(gated(h) * np.sin(h))
"""

SMALL = {
    "a helper that reads its argument twice": """
def leaky(z):
    return np.maximum(z, 0.1 * z)

class Net:
    def forward(self, x):
        return leaky(2 * x)
""",
    "a draw in the return": """
class Net:
    def forward(self, x):
        return x * np.random.randn(*x.shape)
""",
    "a lambda in the return": """
class Net:
    def forward(self, x):
        f = lambda z: z * z + 1
        return f(2 * x)
""",
    "an inner function in the return": """
class Net:
    def forward(self, x):
        def f(z):
            w = z * z
            return w * z
        return f(2 * x) + 1
""",
    "an attribute that is written and read": """
class Net:
    def __init__(self, W):
        self.W = W

    def forward(self, x):
        self.mask = x > 0
        return (x * self.mask) @ self.W
""",
    "a draw as an attribute": """
class Net:
    def forward(self, x):
        self.mask = np.random.rand(*x.shape) < 0.5
        return x * self.mask
""",
    "a shape as an attribute": """
class Net:
    def forward(self, x):
        self.shape = x.shape
        return np.sum(x.reshape(self.shape[0], -1) ** 2, axis=1)
""",
    "an attribute that is written twice": """
class Net:
    def __init__(self, W):
        self.W = W

    def forward(self, x):
        self.h = x @ self.W
        self.h = self.h**2
        return np.sum(self.h * np.sin(self.h))
""",
    "a method that reads what forward assigns": """
class Net:
    def __init__(self, W):
        self.W = W

    def twice(self, x):
        return 2 * x * self.h

    def forward(self, x):
        self.h = x @ self.W
        y = self.twice(self.h)
        self.h = np.sin(y)
        return self.twice(y) * self.h
""",
    "a swap, several statements on a line, a return of several lines": """
class Net:
    def __init__(self, W):
        self.W = W

    def forward(self, x):
        # first
        a, b = x, x @ self.W @ self.W.T  # both

        b, a = a * np.tanh(b), b
        c = np.sum(a) ; d = b * b  # two
        return (
            c  # a number
            + np.sum(np.exp(-d))
        )
""",
    "a forward on one line": """
class Net:
    def forward(self, x): z = np.sin(x) * x; return np.sum(z * np.cos(z))
""",
    "a draw in a branch": """
class Net:
    def __init__(self, W):
        self.W = W
        self.train = True

    def forward(self, x):
        if self.train:
            self.mask = np.random.rand(*x.shape) < 0.5
            out = (x * self.mask) @ self.W
        else:
            out = x @ self.W * 0.5
        return np.tanh(out)
""",
    "a count of calls and a constant of the class": """
class Net:
    SCALE = 3.0
    calls = 0

    def __init__(self, W):
        self.W = W

    def forward(self, x):
        self.calls += 1
        return np.tanh(x @ self.W) * Net.SCALE
""",
    "a module's variable and a function of several statements": """
SCALE = 2.0

def squares(x):
    z = x * x
    return z * z * SCALE

class Net:
    def __init__(self, W):
        self.W = W

    def forward(self, x):
        h = squares(x @ self.W)
        return np.tanh(h) * SCALE
""",
    "a method with branches": """
class Net:
    def __init__(self, W):
        self.W = W

    def pick(self, x):
        if np.sum(x) > 100:
            return x @ self.W
        h = np.tanh(x @ self.W)
        return h * h

    def forward(self, x):
        return np.sin(self.pick(x)) + self.pick(2 * x)
""",
}
SMALL = {name: "\nimport numpy as np\n\n" + text for name, text in SMALL.items()}

LISTS = '''
import numpy as np


class Dense:
    """A layer that counts how often it runs."""

    def __init__(self, W):
        self.W = W
        self.runs = 0

    def forward(self, x):
        self.runs += 1
        return np.tanh(x @ self.W)


class Dropout:
    def forward(self, x):
        self.mask = np.random.rand(*x.shape) < 0.5
        return x * self.mask


class Net:
    def __init__(self, layers, gains):
        self.layers = layers
        self.gains = gains
        self.drop = Dropout()

    def forward(self, x):
        for i, (layer, g) in enumerate(zip(self.layers, self.gains)):
            x = g * np.sin(layer.forward(x)) + i
        return np.sum(self.drop.forward(x) ** 2)


class Net2(Net):
    def forward(self, x):
        for layer in self.layers[:-1]:
            x = np.sin(layer.forward(x)) * x
        return np.sum(self.layers[-1].forward(self.drop.forward(x)) ** 2)


class Net3(Net):
    def forward(self, x):
        for i in range(len(self.layers)):
            x = self.gains[i] * np.sin(self.layers[i].forward(x))
        return np.sum(self.drop.forward(x) ** 2)


class Twice(Net):
    def forward(self, x):
        for layer in self.layers:
            x = np.sin(layer.forward(x))
        return np.sum(self.layers[-1].forward(x))
'''

REFUSED = {
    "slots without room": (
        "SD118",
        """
class Net:
    __slots__ = ("W",)

    def forward(self, x):
        return x * self.W
""",
    ),
    "a backward written by hand": (
        "SD120",
        """
class Net:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        return 99 * dout
""",
    ),
    "a weight of a layer in a list": (
        "SD101",
        """
class Net:
    def forward(self, x):
        total = 0.0
        for layer in self.layers:
            total += np.sum(layer.W ** 2)
        return np.sum(x) * total
""",
    ),
    "an update that a gradient would have to go through": (
        "SD101",
        """
class Net:
    def forward(self, x):
        self.w = 0.5 * self.w
        return x * self.w
""",
    ),
    "what a layer computed itself": (
        "SD101",
        """
class Dense:
    def __init__(self, W):
        self.W = W

    def forward(self, x):
        self.h = np.tanh(x @ self.W)
        return self.h * 2


class Net:
    def __init__(self, W):
        self.dense = Dense(W)

    def forward(self, x):
        y = self.dense.forward(x)
        return np.sum(y) + np.sum(self.dense.h ** 2)
""",
    ),
    "a layer's attribute of which nothing says what it is": (
        "SD101",
        """
class Net:
    def __init__(self, dense):
        self.dense = dense

    def forward(self, x):
        y = self.dense.forward(x)
        return np.sum(y) + np.sum(self.dense.h ** 2)
""",
    ),
    "layers that a loop calls twice": (
        "SD111",
        """
class Net:
    def forward(self, x):
        for i in range(len(self.layers)):
            x = self.layers[i].forward(np.sin(self.layers[i].forward(x)))
        return x
""",
    ),
    "layers counted otherwise": (
        "SD111",
        """
class Net:
    def forward(self, x):
        for i in range(3):
            x = self.layers[i // 2].forward(x)
        return x
""",
    ),
    "a method of a base class": (
        "SD103",
        """
class Net(dict):
    def forward(self, x):
        return self.linear(x)
""",
    ),
    "a layer in the test of a loop": (
        "SD103",
        """
class Net:
    def forward(self, x):
        while np.sum(self.gate.forward(x)) > 1:
            x = x / 2
        return x
""",
    ),
}
