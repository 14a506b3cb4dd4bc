"""The catalogue of diagnostics: what each code means, why, an example and its mend."""

from __future__ import annotations

import itertools
import textwrap
from dataclasses import dataclass

WIDTH = 90
SHOWN_REPEATS = 2
LINE = "        + x + x + x + x + x + x + x + x + x + x\n"
DEEP = f"def many(x):\n    y = (\n        x\n{LINE * 45}    )\n    return y\n"


@dataclass(frozen=True, slots=True)
class Entry:
    """One code of the catalogue.

    Parameters
    ----------
    code, title
        The code, "SD101", and what it says in a few words.
    what, why
        What the message means, and why srcdiff refuses instead of going on.
    example
        A whole small file, model.py, that gives this code.
    mend
        The same file, changed so that it derives.
    command, mended_command
        What is typed to derive the two.
    """

    code: str
    title: str
    what: str
    why: str
    example: str
    mend: str
    command: str = "srcdiff model.py"
    mended_command: str = "srcdiff model.py"


def explanation(code: str) -> str:
    """Give the text of `srcdiff explain CODE`, without a final newline.

    Raises
    ------
    KeyError
        There is no such code.
    """
    entry = CATALOGUE[code]
    parts = [f"{code}: {entry.title}", entry.what, entry.why]
    parts = [textwrap.fill(part, WIDTH, break_on_hyphens=False) for part in parts]
    parts += [f"For example, {refused(entry)}:", _indented(entry.example)]
    if entry.mend == entry.example:
        parts.append(f"Instead, type `{entry.mended_command}`.")
    else:
        how = "" if entry.mended_command == entry.command else f", with `{entry.mended_command}`"
        parts += [f"Instead{how}:", _indented(entry.mend)]
    return "\n\n".join(parts)


def refused(entry: Entry) -> str:
    """Give the half sentence that says which command refuses the example."""
    return f"`{entry.command}` refuses this model.py"


def abbreviated(text: str) -> str:
    """Give a text with long runs of one line cut short."""
    lines: list[str] = []
    for line, run in itertools.groupby(text.splitlines()):
        count = len(list(run))
        if not line or count <= SHOWN_REPEATS:
            lines += [line] * count
            continue
        indent = line[: len(line) - len(line.lstrip())]
        lines += [line] * SHOWN_REPEATS
        lines.append(f"{indent}# ... and so on, {count} such lines in all")
    return "\n".join(lines)


def _indented(text: str) -> str:
    return textwrap.indent(abbreviated(text), "    ")


ENTRIES = (
    Entry(
        "SD101",
        "a kind of statement or of function that isn't supported yet",
        "The function contains a statement whose backward pass srcdiff can't write yet, such as "
        "try, or a class inside the function; or the function itself is of "
        "another kind, such as an async one.",
        "Leaving the statement out would change the gradient. The places are listed all at once, "
        "so that you see what there is to change.",
        """\
import numpy as np


def energy(x):
    try:
        total = np.sum(x**2)
    except TypeError:
        total = x**2
    return total
""",
        """\
import numpy as np


def energy(x):
    total = np.sum(x**2)
    return total
""",
    ),
    Entry(
        "SD102",
        "a kind of expression that isn't supported yet",
        "An expression has a form whose backward pass srcdiff can't write yet, such as a "
        "set, an f-string, a starred item, or a lambda that is neither called nor given to a "
        "function.",
        "Only forms whose derivative is known exactly are passed on. Most others can be written "
        "as plain statements, or with NumPy's functions on whole arrays.",
        """\
import numpy as np


def largest(x, y):
    return max({x**2, np.exp(y)})
""",
        """\
import numpy as np


def largest(x, y):
    return max(x**2, np.exp(y))
""",
    ),
    Entry(
        "SD103",
        "a call that can't be differentiated",
        "The function calls something that has no derivative rule and whose own source can't be "
        "read here, or calls it with arguments that the rule doesn't know, or calls itself.",
        "Without a rule nothing is known of what the call does to its arguments, and a guess "
        "would be a wrong gradient. A function defined with def in the same file is read and "
        "needs no rule.",
        """\
from sigmoids import expit


def prediction(x, w, b):
    p = expit(x * w + b)
    return p
""",
        """\
import numpy as np


def prediction(x, w, b):
    p = 1 / (1 + np.exp(-(x * w + b)))
    return p
""",
    ),
    Entry(
        "SD104",
        "a name or an attribute of which nothing is known",
        "The function reads a name that nothing defines, a variable before it has a value, or an "
        "attribute that srcdiff doesn't know.",
        "Python would stop at such a line or find something that srcdiff can't see, so there is "
        "nothing to differentiate. Often it is a spelling mistake or a missing import.",
        """\
def area(width, height):
    result = width * heigth
    return result
""",
        """\
def area(width, height):
    result = width * height
    return result
""",
    ),
    Entry(
        "SD105",
        "no output that a gradient could be of",
        "The function returns nothing and writes into none of its arguments, or it returns "
        "something other than a number, an array or a tuple of them.",
        "A gradient says how an output changes when an input does, so there must be an output.",
        """\
import numpy as np


def loss(prediction, target):
    error = prediction - target
    value = 0.5 * np.sum(error**2)
""",
        """\
import numpy as np


def loss(prediction, target):
    error = prediction - target
    value = 0.5 * np.sum(error**2)
    return value
""",
    ),
    Entry(
        "SD106",
        "a statement that may change something unseen",
        "A statement calls something and drops its result, so it is there for what it changes: "
        "an array shuffled in place, an object updated.",
        "srcdiff doesn't know what changes, and a value that changes unseen makes every later "
        "line mean something else. Calls of print may stay.",
        """\
import numpy as np


def squashed(x):
    y = 2.0 * x
    np.random.shuffle(y)
    return y
""",
        """\
import numpy as np


def squashed(x):
    y = 2.0 * x
    y = np.tanh(y)
    return y
""",
    ),
    Entry(
        "SD107",
        "shapes or counts that don't fit",
        "By the annotations, the docstring or the arguments of the call, sizes that must agree "
        "differ: arrays that don't broadcast, inner sizes of a product, more indices than axes, "
        "or more values than names to unpack them into.",
        "The forward pass itself would fail there, so there is no gradient to write.",
        """\
import numpy as np
from jaxtyping import Float


def scores(x: Float[np.ndarray, "5 3"], w: Float[np.ndarray, "4 3"]):
    s = x @ w
    return s
""",
        """\
import numpy as np
from jaxtyping import Float


def scores(x: Float[np.ndarray, "5 3"], w: Float[np.ndarray, "4 3"]):
    s = x @ w.T
    return s
""",
    ),
    Entry(
        "SD108",
        "complex numbers for a rule that is for real ones",
        "A gradient would flow through a function whose derivative rule is for real numbers, and "
        "which takes complex ones here; or complex numbers were passed where the derived code is "
        "for real ones.",
        "Functions such as np.maximum or np.sort order complex numbers in a way that has no useful "
        "derivative, and the rules for real numbers of others would give wrong gradients. Say "
        "which part counts: np.real, np.imag, np.abs. Without the arguments' types, parameters "
        "count as real unless an annotation says that they are complex.",
        """\
import numpy as np


def loudest(x, y):
    z = x + 1j * y
    size = np.max(z)
    return size
""",
        """\
import numpy as np


def loudest(x, y):
    z = x + 1j * y
    size = np.max(np.abs(z))
    return size
""",
    ),
    Entry(
        "SD109",
        "an expression nested too deeply",
        "One expression is nested so deeply that reading it would exhaust Python's stack. A sum "
        "of many terms counts as deep: each + holds all before it.",
        "Nobody reads such a line, and each level of it would become a line of the backward "
        "pass. Split it into several statements, or say what it means with fewer words.",
        DEEP,
        """\
def many(x):
    y = 451 * x
    return y
""",
    ),
    Entry(
        "SD110",
        "an update in place that changes another variable as well",
        "An update such as z += 1 changes memory that another variable names too, and that "
        "variable is read later.",
        "Names of the same array, of slices of it, and of views such as y.T are followed. What "
        "may be a view or a copy, as reshape and ravel give it, is not, nor are views of which "
        "it isn't known what they are views of. What may be an element, as z = y[0], is taken for "
        "one, and the derived code raises a TypeError where it is an array. Say which is meant: a "
        "new value, or a copy to be changed.",
        """\
import numpy as np


def product(x):
    y = 2.0 * x
    z = y.ravel()
    z[0] += 1.0
    out = np.sum(y * y[0]) + z[1]
    return out
""",
        """\
import numpy as np


def product(x):
    y = 2.0 * x
    z = y.flatten()
    z[0] += 1.0
    out = np.sum(y * y[0]) + z[1]
    return out
""",
    ),
    Entry(
        "SD111",
        "one object whose forward is called twice",
        "A forward method calls the forward of the same object twice.",
        "An object keeps what its backward needs in its attributes, and the second call "
        "overwrites what the first one kept. Two objects may share their weights.",
        """\
class Scale:
    def __init__(self, w):
        self.w = w

    def forward(self, x):
        y = x * self.w
        return y


class Network:
    def __init__(self, w):
        self.scale = Scale(w)

    def forward(self, x):
        hidden = self.scale.forward(x)
        out = self.scale.forward(hidden)
        return out
""",
        """\
class Scale:
    def __init__(self, w):
        self.w = w

    def forward(self, x):
        y = x * self.w
        return y


class Network:
    def __init__(self, w):
        self.first = Scale(w)
        self.second = Scale(w)

    def forward(self, x):
        hidden = self.first.forward(x)
        out = self.second.forward(hidden)
        return out
""",
    ),
    Entry(
        "SD112",
        "wrt names a parameter that isn't there",
        "A name given by wrt is no parameter of the function.",
        "A gradient is with respect to a parameter; a variable of the module or of the function "
        "has to become a parameter first.",
        """\
def line(x, weight, bias):
    y = x * weight + bias
    return y
""",
        """\
def line(x, weight, bias):
    y = x * weight + bias
    return y
""",
        "srcdiff model.py --wrt weights",
        "srcdiff model.py --wrt weight",
    ),
    Entry(
        "SD113",
        "no parameter influences the output differentiably",
        "The output is the same whatever the parameters are, or depends on them only by steps, "
        "as with comparisons, rounding or whole numbers.",
        "Every gradient would be zero, which is hardly what was meant; often the wrong variable "
        "is returned. Zeros that are meant come with wrt.",
        """\
import numpy as np


def remainder(x):
    whole = np.floor(x)
    rest = x - whole
    return whole
""",
        """\
import numpy as np


def remainder(x):
    whole = np.floor(x)
    rest = x - whole
    return rest
""",
    ),
    Entry(
        "SD114",
        "no function of that name in the file",
        "The name given by --function is no function at the top level of the file, and no class "
        "there that has a forward method.",
        "Only these are derived. A function inside another one, or under an if statement, has to "
        "move to the top level first.",
        """\
def loss(x, y):
    value = (x - y) ** 2
    return value
""",
        """\
def loss(x, y):
    value = (x - y) ** 2
    return value
""",
        "srcdiff model.py --function lost",
        "srcdiff model.py --function loss",
    ),
    Entry(
        "SD115",
        "the derived code reads a variable of the module that isn't a constant",
        "The function reads a variable of its module whose value isn't written out there, so it "
        "can't be copied into a module of its own.",
        "The file is read and never run, so the value isn't known. Code that stays in the file, "
        "with --in-place, reads the variable where it is.",
        """\
import os

rate = float(os.environ["RATE"])


def step(w, gradient):
    after = w - rate * gradient
    return after
""",
        """\
def step(w, gradient, rate):
    after = w - rate * gradient
    return after
""",
    ),
    Entry(
        "SD116",
        "the file isn't Python",
        "The text can't be parsed as Python; the message repeats what Python says.",
        "Nothing can be read from a file that Python doesn't accept. Mind that the Python that "
        "runs srcdiff may be older than the one that the file is written for.",
        """\
def area(width, height:
    return width * height
""",
        """\
def area(width, height):
    return width * height
""",
    ),
    Entry(
        "SD117",
        "an argument of derive_backward that it doesn't know",
        'The mode is neither "joint" nor "split", or wrt is neither a name nor several names.',
        "An unknown wish is refused and not guessed at.",
        """\
from srcdiff import derive_backward


@derive_backward(wrt=0)
def area(width, height):
    result = width * height
    return result
""",
        """\
from srcdiff import derive_backward


@derive_backward(wrt="width")
def area(width, height):
    result = width * height
    return result
""",
        "python model.py",
        "python model.py",
    ),
    Entry(
        "SD118",
        "something that isn't a function, or a class without forward",
        "derive_backward was given something other than a Python function or a class with a "
        "forward method of its own; or options that a class doesn't take.",
        "A backward pass is written from the text of a function. For a class, forward is the "
        "function, and the method backward is put beside it.",
        """\
from srcdiff import derive_backward


@derive_backward
class Scale:
    def __init__(self, w):
        self.w = w

    def __call__(self, x):
        y = x * self.w
        return y
""",
        """\
from srcdiff import derive_backward


@derive_backward
class Scale:
    def __init__(self, w):
        self.w = w

    def forward(self, x):
        y = x * self.w
        return y
""",
        "python model.py",
        "python model.py",
    ),
    Entry(
        "SD119",
        "the source text isn't to be had",
        "The function or class has no source file that Python can find: it was made by exec or "
        "by another program, or it is a lambda.",
        "srcdiff reads source text, because it writes source text: your names, your comments, "
        "your order of lines.",
        """\
from srcdiff import derive_backward

exec("def double(x): return 2.0 * x")
double = derive_backward(double)
""",
        """\
from srcdiff import derive_backward


def double(x):
    return 2.0 * x


double = derive_backward(double)
""",
        "python model.py",
        "python model.py",
    ),
    Entry(
        "SD120",
        "a name that the derived code needs is taken",
        "Written in place, the derived code would define a name that the file defines already, "
        "and that srcdiff didn't write.",
        "Your own code is never overwritten.",
        """\
def square(x):
    y = x * x
    return y


def square_backward(x, dy):
    return 2 * x * dy
""",
        """\
def square(x):
    y = x * x
    return y


def square_backward_by_hand(x, dy):
    return 2 * x * dy
""",
        "srcdiff model.py --in-place --function square",
        "srcdiff model.py --in-place --function square",
    ),
    Entry(
        "SD121",
        "nothing was written",
        "Some functions of the file could not be derived, for the reasons told above this "
        "message, so neither --in-place nor -o wrote anything.",
        "A file that holds some of its backward functions and lacks others looks whole and "
        "isn't. Mark the functions that you want, or name one with --function.",
        """\
def square(x):
    y = x * x
    return y


def report(text):
    with open("report.txt", "w") as file:
        file.write(text)
""",
        """\
from srcdiff import derive_backward


@derive_backward
def square(x):
    y = x * x
    return y


def report(text):
    with open("report.txt", "w") as file:
        file.write(text)
""",
        "srcdiff model.py -o model_grad.py",
        "srcdiff model.py -o model_grad.py",
    ),
    Entry(
        "SD122",
        "a file that can't be read",
        "There is no such file, it may not be read, it is a directory, or its bytes aren't text "
        "in the encoding that it states (UTF-8 if it states none).",
        "There is no text to derive from.",
        """\
def square(x):
    y = x * x
    return y
""",
        """\
def square(x):
    y = x * x
    return y
""",
        "srcdiff modle.py",
        "srcdiff model.py",
    ),
    Entry(
        "SD123",
        "a file that can't be written",
        "The directory of the output doesn't exist or may not be written to, or the disk is full.",
        "What was there before is untouched: a file is written whole beside its place and then "
        "moved there.",
        """\
def square(x):
    y = x * x
    return y
""",
        """\
def square(x):
    y = x * x
    return y
""",
        "srcdiff model.py -o gradients/model_grad.py",
        "srcdiff model.py -o model_grad.py",
    ),
    Entry(
        "SD130",
        "a part or conjugate of what may be complex or real",
        "The function takes the real or imaginary part, the angle or the conjugate of a value of "
        "which it isn't known whether it is complex.",
        "Parameters count as real unless something says that they are complex. Here the text "
        "itself suggests complex numbers, and with them the code for real ones would give a wrong "
        "gradient. With the decorator, the arguments of the call say it.",
        """\
import numpy as np


def energy(psi, hamiltonian):
    e = np.real(np.sum(np.conj(psi) * (hamiltonian @ psi)))
    return e
""",
        """\
import numpy as np
from numpy.typing import NDArray


def energy(psi: NDArray[np.complex128], hamiltonian: NDArray[np.complex128]):
    e = np.real(np.sum(np.conj(psi) * (hamiltonian @ psi)))
    return e
""",
    ),
    Entry(
        "SD131",
        "an attribute that a record or an array may have",
        "The name is one of NumPy's, such as T or size, and what has the attribute may be a record "
        "of the user's, with a field of that name.",
        "Without a class for the parameter, x.T is a transposed array. Where other attributes say "
        "that x is a record, T is a field or a mistake. With the decorator, the arguments of the "
        "call say it.",
        """\
def pressure(gas, n):
    p = n * gas.T / gas.volume
    return p
""",
        """\
def pressure(temperature, volume, n):
    p = n * temperature / volume
    return p
""",
    ),
    Entry(
        "SD132",
        "an argument that is a function",
        "The function calls one of its arguments, and the text doesn't tell which function that "
        "is. The decorator and the transforms derive for the function that is passed.",
        "Each function has a derivative of its own, and code that was derived for one would be "
        "wrong for another. A default is one function: the derived code raises a TypeError when "
        "it is called with another one.",
        """\
import numpy as np


def layer(x, w, act):
    h = act(w * x)
    return np.sum(h)
""",
        """\
import numpy as np


def layer(x, w, act=np.tanh):
    h = act(w * x)
    return np.sum(h)
""",
    ),
)
CATALOGUE: dict[str, Entry] = {entry.code: entry for entry in ENTRIES}
