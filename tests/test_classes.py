"""Classes with a forward method, by the decorator and by the command line."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcdiff import DerivationError, derive_backward

RNG = np.random.default_rng(0)


@derive_backward
class Linear:
    """W x + b, for columns."""

    def __init__(self, d: int, k: int) -> None:
        rng = np.random.default_rng(d + 10 * k)
        self.W = rng.standard_normal((k, d))
        self.b = rng.standard_normal((k, 1))

    def forward(self, x):
        output = np.dot(self.W, x) + self.b
        return output


@derive_backward
class Sigmoid:
    def forward(self, x):
        output = 1 / (1 + np.exp(-x))
        return output


@derive_backward
class MSE:
    def __init__(self, labels):
        self.labels = labels

    def forward(self, x):
        output = np.mean(np.square(x - self.labels))
        return output


@derive_backward
class Network:
    def __init__(self, lin1, sig, lin2, mse):
        self.lin1, self.sig, self.lin2, self.mse = lin1, sig, lin2, mse

    def forward(self, x):
        z = self.lin1.forward(x)
        a = self.sig.forward(z)
        yhat = self.lin2.forward(a)
        loss = self.mse.forward(yhat)
        return loss


@derive_backward
class Scaled:
    """An attribute read twice, a method, a literal default."""

    def __init__(self) -> None:
        self.w = 2.0
        self.k = 0.5

    def squash(self, x):
        return np.tanh(self.k * x)

    def forward(self, x, s: float = 1.5):
        y = self.w * self.squash(x)
        z = s * y + self.w**2
        return z


@derive_backward
class Pair:
    def __init__(self) -> None:
        self.w = 3.0

    def forward(self, x: float, y: float):
        a = self.w * x * y
        b = np.sin(x)
        return a, b


@derive_backward
class Shift:
    def __init__(self) -> None:
        self.b = np.zeros(3)

    def forward(self, x):
        return x + self.b


class Doubling:
    """Reads an attribute, then overwrites it."""

    def __init__(self) -> None:
        self.w = 2.0

    def forward(self, x: float):
        self.w = self.w * 2
        y = self.w * x
        return y


@derive_backward
class NameTaken:
    """The parameter's name is an attribute too, and isn't the parameter."""

    def __init__(self) -> None:
        self.x = 10.0

    def forward(self, x: float):
        y = x * x * self.x
        return y


@derive_backward
class Square:
    def forward(self, x: float):
        y = x * x
        return y


class Overriding(Shift):
    def forward(self, x):
        return 2 * super().forward(x)


class Inheriting(Shift):
    pass


class Plain:
    def forward(self, x):
        return x * x


@derive_backward
class HasPlain:
    def __init__(self, part: Any) -> None:
        self.part = part

    def forward(self, x: float):
        y = self.part.forward(x)
        return y


def numeric(f: Callable[[Any], Any], value: Any, dout: Any = 1.0) -> Any:
    """Give the gradient of sum(f * dout) by central differences."""
    h = 1e-5

    def total(at: Any) -> float:
        return float(np.sum(np.multiply(f(at), dout)))

    if isinstance(value, float):
        return (total(value + h) - total(value - h)) / (2 * h)
    gradient = np.zeros_like(value)
    for at in np.ndindex(value.shape):
        up, down = value.copy(), value.copy()
        up[at] += h
        down[at] -= h
        gradient[at] = (total(up) - total(down)) / (2 * h)
    return gradient


def numeric_attribute(obj: Any, name: str, forward: Callable[[], Any], dout: Any = 1.0) -> Any:
    """Give the gradient with respect to an attribute, which is put back."""
    kept = getattr(obj, name)

    def at(value: Any) -> Any:
        setattr(obj, name, value)
        return forward()

    try:
        return numeric(at, kept if isinstance(kept, float) else kept.copy(), dout)
    finally:
        setattr(obj, name, kept)


def same(found: Any, expected: Any) -> None:
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-9)


# Gradients.


@pytest.mark.parametrize("n", [1, 4])
def test_a_layer_returns_its_input_s_gradient_and_keeps_its_own(n: int) -> None:
    layer, x, dout = Linear(2, 3), RNG.standard_normal((2, n)), RNG.standard_normal((3, n))
    layer.forward(x)
    dx = layer.backward(dout)
    dW, db = layer.dW, layer.db
    same(dx, numeric(layer.forward, x, dout))
    same(dW, numeric_attribute(layer, "W", lambda: layer.forward(x), dout))
    same(db, numeric_attribute(layer, "b", lambda: layer.forward(x), dout))


def test_a_layer_without_attributes() -> None:
    layer, x, dout = Sigmoid(), RNG.standard_normal((2, 3)), RNG.standard_normal((2, 3))
    layer.forward(x)
    same(layer.backward(dout), numeric(layer.forward, x, dout))


def test_a_loss_has_one_as_its_upstream_gradient() -> None:
    x, labels = RNG.standard_normal((2, 3)), RNG.standard_normal((2, 3))
    loss = MSE(labels)
    loss.forward(x)
    same(loss.backward(), numeric(loss.forward, x))
    same(loss.dlabels, numeric_attribute(loss, "labels", lambda: loss.forward(x)))
    loss.forward(x)
    same(loss.backward(3.0), numeric(loss.forward, x, 3.0))


@pytest.mark.parametrize(
    ("part", "name"),
    [("lin1", "W"), ("lin1", "b"), ("lin2", "W"), ("lin2", "b"), ("mse", "labels")],
)
def test_a_network_calls_its_parts_backwards(part: str, name: str) -> None:
    x = RNG.standard_normal((2, 5))
    net = Network(Linear(2, 3), Sigmoid(), Linear(3, 2), MSE(RNG.standard_normal((2, 5))))
    net.forward(x)
    dx = net.backward()
    owner = getattr(net, part)
    found = getattr(owner, f"d{name}").copy()
    same(dx, numeric(net.forward, x))
    same(found, numeric_attribute(owner, name, lambda: net.forward(x)))


def test_attributes_read_twice_and_in_a_method_get_all_their_gradient() -> None:
    layer, x, dout = Scaled(), RNG.standard_normal(3), RNG.standard_normal(3)
    layer.forward(x, 0.7)
    dx, ds = layer.backward(dout)
    dw, dk = layer.dw, layer.dk
    same(dx, numeric(lambda v: layer.forward(v, 0.7), x, dout))
    same(ds, numeric(lambda v: layer.forward(x, v), 0.7, dout))
    same(dw, numeric_attribute(layer, "w", lambda: layer.forward(x, 0.7), dout))
    same(dk, numeric_attribute(layer, "k", lambda: layer.forward(x, 0.7), dout))


def test_a_default_argument_counts_as_given() -> None:
    left_out, given = Scaled(), Scaled()
    left_out.forward(0.3)
    given.forward(0.3, 1.5)
    assert left_out.backward(1.0) == given.backward(1.0)


def test_two_outputs_need_both_upstream_gradients() -> None:
    pair = Pair()
    pair.forward(0.3, 0.4)
    dx, dy = pair.backward(da=2.0, db=5.0)
    assert dx == pytest.approx(2.0 * 3.0 * 0.4 + 5.0 * np.cos(0.3), rel=1e-14)
    assert dy == pytest.approx(2.0 * 3.0 * 0.3, rel=1e-14)
    assert pair.dw == pytest.approx(2.0 * 0.3 * 0.4, rel=1e-14)
    with pytest.raises(TypeError, match="db"):
        pair.backward(1.0)


def test_a_forward_on_one_line() -> None:
    @derive_backward
    class OneLine:
        def __init__(self) -> None:
            self.w = 3.0

        # fmt: off
        def forward(self, x: float): return self.w * x * x
        # fmt: on

    layer = OneLine()
    layer.forward(2.0)
    assert layer.backward(1.0) == 12.0
    assert layer.dw == 4.0


def test_an_attribute_that_forward_reads_and_then_overwrites_is_refused() -> None:
    with pytest.raises(DerivationError, match="overwrites") as caught:
        derive_backward(Doubling)
    assert [d.code for d in caught.value.diagnostics] == ["SD101"]


def test_an_attribute_of_the_parameter_s_name_is_left_alone() -> None:
    layer = NameTaken()
    assert layer.forward(3.0) == 90.0
    assert layer.backward(1.0) == 60.0
    assert (layer.x, layer.dx) == (10.0, 9.0)


# What is returned and what is left alone.


def test_forward_gives_what_it_gave_before() -> None:
    class Undecorated(Linear):
        def forward(self, x):
            output = np.dot(self.W, x) + self.b
            return output

    x = RNG.standard_normal((2, 4))
    assert Linear(2, 3).forward(x).tolist() == Undecorated(2, 3).forward(x).tolist()


def test_the_class_stays_the_same_object_with_its_docstrings() -> None:
    class Documented:
        """Doc."""

        def forward(self, x: float):
            """Forward doc."""
            return x * x

    derived = derive_backward(Documented)
    assert derived is Documented
    assert Documented.__doc__ == "Doc."
    assert Documented.forward.__doc__ == "Forward doc."
    assert Documented.forward.__name__ == "forward"


def test_no_gradient_shares_memory() -> None:
    layer, x, dout = Shift(), np.ones(3), np.ones(3)
    layer.forward(x)
    dx = layer.backward(dout)
    arrays = [dx, layer.db, layer.b, x, dout]
    for i, one in enumerate(arrays):
        assert not any(np.shares_memory(one, other) for other in arrays[:i])


def test_no_argument_is_modified() -> None:
    layer, x, dout = Linear(2, 3), RNG.standard_normal((2, 4)), RNG.standard_normal((3, 4))
    before = [a.copy() for a in (x, dout, layer.W, layer.b)]
    layer.forward(x)
    layer.backward(dout)
    for old, new in zip(before, (x, dout, layer.W, layer.b), strict=True):
        assert old.tolist() == new.tolist()


def test_gradients_are_of_the_last_forward_and_do_not_add_up() -> None:
    layer, dout = Linear(2, 3), np.ones((3, 1))
    first, second = np.ones((2, 1)), np.full((2, 1), 2.0)
    layer.forward(first)
    layer.backward(dout)
    layer.forward(second)
    layer.backward(dout)
    assert layer.dW.tolist() == np.full((3, 2), 2.0).tolist()


def test_objects_do_not_disturb_each_other() -> None:
    one, other = Linear(2, 3), Linear(2, 3)
    one.forward(np.ones((2, 1)))
    other.forward(np.full((2, 1), 5.0))
    one.backward(np.ones((3, 1)))
    assert one.dW.tolist() == np.ones((3, 2)).tolist()
    assert not hasattr(other, "dW")


def test_copies_do_not_disturb_each_other() -> None:
    one = Square()
    one.forward(2.0)
    for other in (copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
        other.forward(3.0)
        other.forward(3.0)
        assert other.backward() == 6.0
    assert one.backward() == 4.0
    assert one.backward() == 4.0


def test_the_source_shows_both_methods() -> None:
    source = Linear.backward.source
    assert "def forward(self, x):" in source
    assert "def backward(self, doutput):" in source
    assert "# backprop output = np.dot(self.W, x) + self.b" in source
    assert "srcdiff" not in source


# Objects called more than once.


def located(error: DerivationError, wanted: str) -> None:
    """The diagnostic must point at the text."""
    found = error.diagnostics[0]
    line = Path(found.filename).read_text(encoding="utf-8").splitlines()[found.line - 1]
    assert line[found.column - 1 : found.end_column - 1] == wanted


def test_an_object_called_twice_in_one_forward_is_refused_at_the_second_call() -> None:
    with pytest.raises(DerivationError) as caught:

        @derive_backward
        class Twice:
            def forward(self, x):
                h = self.lin.forward(x)
                y = self.lin.forward(h + 1)
                return y

    located(caught.value, "self.lin.forward(h + 1)")


def test_an_object_called_twice_in_one_expression_is_refused() -> None:
    with pytest.raises(DerivationError) as caught:

        @derive_backward
        class Twice:
            def forward(self, x):
                y = self.lin.forward(x) * self.lin.forward(2 * x)
                return y

    located(caught.value, "self.lin.forward(2 * x)")


def test_an_object_called_by_two_names_is_refused_while_deriving_or_running() -> None:
    def derive_and_run() -> None:
        @derive_backward
        class Twice:
            def __init__(self) -> None:
                self.lin = Linear(2, 2)

            def forward(self, x):
                layer = self.lin
                h = layer.forward(x)
                y = self.lin.forward(h)
                return y

        twice: Any = Twice()
        twice.forward(np.ones((2, 1)))
        twice.backward(np.ones((2, 1)))

    with pytest.raises((DerivationError, RuntimeError), match=r"twice|2 times"):
        derive_and_run()


def test_a_shared_layer_raises_at_the_second_backward() -> None:
    layer, dout = Linear(2, 2), np.ones((2, 1))
    layer.forward(layer.forward(np.ones((2, 1))))
    layer.backward(dout)
    with pytest.raises(RuntimeError, match=r"Linear\.forward was called 2 times"):
        layer.backward(dout)


def test_a_layer_under_two_names_in_a_network_raises() -> None:
    shared = Linear(2, 2)
    net = Network(shared, Sigmoid(), shared, MSE(np.zeros((2, 1))))
    net.forward(np.ones((2, 1)))
    with pytest.raises(RuntimeError, match="an object called twice"):
        net.backward()


def test_forward_may_run_more_often_than_backward() -> None:
    layer, dout = Linear(2, 3), np.ones((3, 1))
    layer.forward(np.ones((2, 1)))
    layer.forward(np.full((2, 1), 4.0))
    layer.backward(dout)
    assert layer.dW.tolist() == np.full((3, 2), 4.0).tolist()


def test_backward_before_forward_raises() -> None:
    with pytest.raises(RuntimeError, match=r"Linear\.backward was called before forward"):
        Linear(2, 3).backward(np.ones((3, 1)))


# Subclasses, and what is refused.


def test_a_subclass_inherits_both_methods() -> None:
    layer = Inheriting()
    layer.forward(np.ones(3))
    assert layer.backward(np.full(3, 2.0)).tolist() == [2.0, 2.0, 2.0]


def test_a_subclass_with_a_forward_of_its_own_never_gets_the_parent_s_gradient() -> None:
    layer = Overriding()
    layer.forward(np.ones(3))
    with pytest.raises(RuntimeError, match="Overriding"):
        layer.backward(np.ones(3))


def test_a_part_without_backward_is_named() -> None:
    layer = HasPlain(Plain())
    layer.forward(3.0)
    with pytest.raises(RuntimeError, match="a Plain, which has no backward"):
        layer.backward(1.0)


def test_a_part_of_a_class_without_backward_is_refused_if_the_text_says_its_class() -> None:
    with pytest.raises(DerivationError, match="the class Plain has no backward"):

        @derive_backward
        class HasOne:
            def __init__(self) -> None:
                self.part = Plain()

            def forward(self, x):
                return self.part.forward(x) * 2

    with pytest.raises(DerivationError, match="the class Plain has no backward"):

        @derive_backward
        class HasMany:
            def __init__(self) -> None:
                self.parts = [Plain() for _ in range(3)]

            def forward(self, x):
                for part in self.parts:
                    x = part.forward(x)
                return x


def test_a_class_without_forward_is_refused() -> None:
    with pytest.raises(DerivationError, match="no method forward"):

        @derive_backward
        class Nothing:
            pass


def test_what_cannot_be_derived_is_refused_at_its_line() -> None:
    with pytest.raises(DerivationError) as caught:

        @derive_backward
        class Unknown:
            def forward(self, x):
                y = np.fft.nothing_known(x)  # type: ignore[attr-defined]
                return y

    assert "nothing_known" in caught.value.diagnostics[0].source_line


@pytest.mark.parametrize("options", [{"wrt": "x"}, {"mode": "split"}])
def test_options_that_a_class_does_not_take_are_refused(options: dict[str, Any]) -> None:
    class Layer:
        def forward(self, x: float):
            return x * x

    with pytest.raises(DerivationError, match="wrt"):
        derive_backward(Layer, **options)


def test_a_class_with_a_backward_written_by_hand_is_refused() -> None:
    class ByHand:
        def forward(self, x: float):
            return x * x

        def backward(self, dout):
            return dout * 99

    with pytest.raises(DerivationError, match="backward is defined here already") as caught:
        derive_backward(ByHand)
    assert [d.code for d in caught.value.diagnostics] == ["SD120"]
    assert "def backward" in caught.value.diagnostics[0].source_line


# The command line.


FILE = '''\
"""Layers."""

import numpy as np


class Linear:
    """W x + b."""

    def __init__(self, W, b):
        self.W = W  # weights
        self.b = b

    def forward(self, x):
        """Forward."""
        # the scores
        output = np.dot(self.W, x) + self.b
        return output

    def shape(self):
        return self.W.shape


class Loss:
    def forward(self, x):
        return np.sum(x * x)


class Network:
    def __init__(self, lin, loss):
        self.lin, self.loss = lin, loss

    def forward(self, x):
        h = self.lin.forward(x)
        out = self.loss.forward(h)
        return out


class Other:
    def method(self):
        return 1


if __name__ == "__main__":
    print("side effect")
'''


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    code = "from srcdiff.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def written(folder: Path, text: str) -> Path:
    path = folder / "model.py"
    path.write_text(text, encoding="utf-8")
    return path


def executed(text: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "alone"}
    exec(compile(text, "alone.py", "exec"), namespace)
    return namespace


def assert_network_is_right(module: dict[str, Any]) -> None:
    rng = np.random.default_rng(3)
    lin = module["Linear"](rng.standard_normal((3, 2)), rng.standard_normal((3, 1)))
    net = module["Network"](lin, module["Loss"]())
    x = rng.standard_normal((2, 4))
    net.forward(x)
    dx = net.backward()
    dW, db = lin.dW, lin.db
    same(dx, numeric(net.forward, x))
    same(dW, numeric_attribute(lin, "W", lambda: net.forward(x)))
    same(db, numeric_attribute(lin, "b", lambda: net.forward(x)))


def test_the_module_on_standard_output_holds_the_classes(tmp_path: Path) -> None:
    written(tmp_path, FILE)
    done = command(tmp_path, "model.py")
    assert (done.returncode, done.stderr) == (0, "")
    assert "srcdiff import" not in done.stdout
    assert "class Other" not in done.stdout
    assert "side effect" not in done.stdout
    assert_network_is_right(executed(done.stdout))


def test_in_place_a_class_gets_its_method_and_all_else_stays(tmp_path: Path) -> None:
    path = written(tmp_path, FILE)
    done = command(tmp_path, "model.py", "--in-place")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    text = path.read_text(encoding="utf-8")
    assert_network_is_right(executed(text))
    after = iter(text.splitlines())
    kept = [line for line in FILE.splitlines() if "return np.sum(x * x)" not in line]
    assert all(line in after for line in kept)
    assert "# weights" in text
    assert "# the scores" in text


def test_in_place_twice_changes_nothing_and_check_agrees(tmp_path: Path) -> None:
    path = written(tmp_path, FILE)
    command(tmp_path, "model.py", "--in-place")
    once = path.read_bytes()
    assert command(tmp_path, "model.py", "--check").returncode == 0
    command(tmp_path, "model.py", "--in-place")
    assert path.read_bytes() == once


def test_a_class_is_refreshed_after_its_forward_is_edited(tmp_path: Path) -> None:
    path = written(tmp_path, FILE)
    command(tmp_path, "model.py", "--in-place")
    fresh = path.read_text(encoding="utf-8")
    line = "        output = np.dot(self.W, x) + self.b\n"
    assert fresh.count(line) == 1
    edited = fresh.replace(line, "        output = np.dot(self.W, np.sin(x)) + self.b\n")
    path.write_text(edited, encoding="utf-8")
    done = command(tmp_path, "model.py", "--check")
    assert done.returncode == 1
    assert done.stdout.startswith("--- model.py\n")
    assert path.read_text(encoding="utf-8") == edited
    command(tmp_path, "model.py", "--in-place")
    again = path.read_text(encoding="utf-8")
    assert_network_is_right(executed(again))
    assert again.count("def backward(") == 3


def test_what_forward_no_longer_needs_to_keep_is_no_longer_kept(tmp_path: Path) -> None:
    path = written(tmp_path, "class Gate:\n    def forward(self, x: float, y: float):\n")
    with path.open("a", encoding="utf-8") as stream:
        stream.write("        z = x * y\n        return z\n")
    command(tmp_path, "model.py", "--in-place")
    text = path.read_text(encoding="utf-8")
    assert "self.x = x" in text
    path.write_text(text.replace("z = x * y\n        self", "z = x + y\n        self"))
    command(tmp_path, "model.py", "--in-place")
    refreshed = path.read_text(encoding="utf-8")
    gate = executed(refreshed)["Gate"]()
    assert gate.forward(2.0, 3.0) == 5.0
    assert gate.backward(7.0) == (7.0, 7.0)


ONE_LINE = "class Square:\n    def forward(self, x: float): return x * x\n"


def test_a_forward_on_one_line_is_derived(tmp_path: Path) -> None:
    written(tmp_path, ONE_LINE)
    done = command(tmp_path, "model.py")
    assert done.returncode == 0
    square = executed(done.stdout)["Square"]()
    square.forward(3.0)
    assert square.backward() == 6.0


BY_HAND = """\
class Square:
    def forward(self, x: float):
        return x * x

    def backward(self, dout):
        return 99 * dout
"""


def test_a_method_backward_written_by_hand_is_not_overwritten(tmp_path: Path) -> None:
    path = written(tmp_path, BY_HAND)
    done = command(tmp_path, "model.py", "--in-place")
    assert done.returncode == 1
    assert done.stderr.startswith("model.py:")
    assert "backward is defined here already" in done.stderr
    assert path.read_text(encoding="utf-8") == BY_HAND


def test_a_layer_shared_in_a_network_is_refused_or_right_from_the_command_line_too(
    tmp_path: Path,
) -> None:
    text = FILE.replace("self.loss.forward(h)", "self.loss.forward(h)  # may be the same object")
    written(tmp_path, text)
    module = executed(command(tmp_path, "model.py").stdout)
    rng = np.random.default_rng(3)
    shared = module["Linear"](rng.standard_normal((2, 2)), rng.standard_normal((2, 1)))
    net = module["Network"](shared, shared)
    x = rng.standard_normal((2, 1))
    y = net.forward(x)
    try:
        dx = net.backward(np.ones_like(y))
    except RuntimeError:
        return
    same(dx, numeric(net.forward, x))
    dW = shared.dW
    same(dW, numeric_attribute(shared, "W", lambda: net.forward(x)))


def test_a_problem_in_a_class_keeps_the_file_as_it_is(tmp_path: Path) -> None:
    text = FILE.replace("h = self.lin.forward(x)", "h = self.lin.forward(self.lin.forward(x))")
    path = written(tmp_path, text)
    done = command(tmp_path, "model.py", "--in-place")
    line = next(i for i, t in enumerate(text.splitlines(), 1) if "lin.forward(self" in t)
    assert done.returncode == 1
    assert done.stderr.startswith(f"model.py:{line}:")
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("option", [("--wrt", "x"), ("--mode", "split")])
def test_a_class_takes_neither_wrt_nor_mode(tmp_path: Path, option: tuple[str, str]) -> None:
    written(tmp_path, FILE)
    done = command(tmp_path, "model.py", "--function", "Linear", *option)
    assert (done.returncode, done.stdout) == (1, "")
    assert "neither wrt nor mode" in done.stderr


def test_a_marked_class_is_derived_and_its_mark_left_out_of_the_module(tmp_path: Path) -> None:
    marked = FILE.replace("class Loss", "@derive_backward\nclass Loss")
    written(
        tmp_path,
        marked.replace("import numpy", "from srcdiff import derive_backward\nimport numpy"),
    )
    done = command(tmp_path, "model.py")
    assert done.returncode == 0
    assert "class Loss" in done.stdout
    assert "class Linear" not in done.stdout
    assert "derive_backward" not in done.stdout
