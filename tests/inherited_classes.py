"""Classes that inherit methods, as people write them."""

import numpy as np

from srcdiff import derive_backward


class Base:
    def __init__(self, n=3, m=2):
        self.W = np.linspace(-1, 1, n * m).reshape(n, m)

    def lin(self, x):
        return x @ self.W

    def act(self, h):
        return np.tanh(h)

    def forward(self, x):
        return self.act(self.lin(x)) * 2


@derive_backward
class Sub(Base):
    def __init__(self):
        super().__init__()
        self.b = np.array([0.5, -0.5])

    def forward(self, x):
        return self.lin(x) + self.b


@derive_backward
class Deep(Sub):
    def lin(self, x):
        return super().lin(x) ** 2


@derive_backward
class Other(Base):
    def act(self, h):
        return h**2 + np.sin(h)


@derive_backward
class Plain(Base):
    pass


@derive_backward
class Above(Base):
    def forward(self, x):
        h = super().forward(x)
        y = super().act(h * 3)
        return y * self.act(h)


@derive_backward
class Branch(Base):
    def forward(self, x):
        if np.sum(x) > 0:
            h = super().forward(x)
        else:
            h = self.lin(x)
        for k in range(2):
            h = super().act(h) * k + h
        return h


class Stores(Base):
    def forward(self, x):
        self.h = x @ self.W
        return np.exp(self.h * 0.1)


@derive_backward
class Stored(Stores):
    def forward(self, x):
        y = super().forward(x)
        return y * self.h


@derive_backward
class Super2(Deep):
    def forward(self, x):
        y = super().forward(x)
        return y * y


@derive_backward
class Decorated:
    def __init__(self):
        self.W = np.linspace(-1, 1, 6).reshape(3, 2)

    def act(self, h):
        return np.tanh(h)

    def other(self, h):
        return h

    def forward(self, x):
        return self.act(x @ self.W)


@derive_backward
class Decorated2(Decorated):
    def act(self, h):
        return super().act(h) ** 2


@derive_backward
class Decorated3(Decorated):
    def forward(self, x):
        return super().forward(x) * 3


class Naive(Decorated):
    def act(self, h):
        return h * 2


class Harmless(Decorated):
    def other(self, h):
        return h * 2
