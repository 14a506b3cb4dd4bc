"""The samples run, their derived code is fresh, reads standalone, and is right."""

from __future__ import annotations

import importlib.util
import inspect
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
FILES = sorted(SAMPLES.glob("*.py"))

TOPICS = [
    "layers",
    "neuron",
    "ninja_exercises",
    "one_layer_network",
    "single_neuron_circuit",
    "staged_computation",
    "svm",
    "two_hidden_layer_network",
]

each_sample = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def load(name: str) -> ModuleType:
    """Import a sample; its `__main__` part doesn't run."""
    spec = importlib.util.spec_from_file_location(f"sample_{name}", SAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python."""
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def srcdiff(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    return run("-c", "from srcdiff.cli import main; main()", *arguments)


def numeric(f: Callable[..., Any], args: tuple[Any, ...], i: int, dout: Any, h: float) -> Any:
    """Give the gradient of sum(f * dout) with respect to argument i, by central differences."""

    def total(value: Any) -> float:
        return float(np.sum(np.multiply(f(*args[:i], value, *args[i + 1 :]), dout)))

    arg = args[i]
    if isinstance(arg, float):
        return (total(arg + h) - total(arg - h)) / (2 * h)
    values = np.array(arg, dtype=float)
    gradient = np.zeros_like(values)
    for at in np.ndindex(values.shape):
        up, down = values.copy(), values.copy()
        up[at] += h
        down[at] -= h
        back = list if isinstance(arg, list) else np.asarray
        gradient[at] = (total(back(up)) - total(back(down))) / (2 * h)
    return gradient


def assert_gradients(
    f: Callable[..., Any],
    backward: Callable[..., Any],
    args: tuple[Any, ...],
    wrt: tuple[int, ...] | None = None,
) -> None:
    """Compare, for the default upstream gradient and for another one, at entries of its own."""
    wanted = tuple(range(len(args))) if wrt is None else wrt
    out = f(*args)
    rng = np.random.default_rng(7)
    other = 1.7 if np.ndim(out) == 0 else rng.standard_normal(np.shape(out))
    for given, dout in (((), np.ones(np.shape(out))), ((other,), other)):
        gradients = backward(*args, *given)
        gradients = gradients if len(wanted) > 1 else (gradients,)
        assert len(gradients) == len(wanted)
        for i, gradient in zip(wanted, gradients, strict=True):
            assert np.shape(gradient) == np.shape(args[i])
            by_differences = numeric(f, args, i, dout, 1e-5)
            np.testing.assert_allclose(gradient, by_differences, rtol=1e-7, atol=1e-9)


def test_there_is_one_sample_for_each_topic() -> None:
    assert [path.stem for path in FILES] == TOPICS


def test_the_readme_lists_each_sample_once() -> None:
    linked = re.findall(r"\]\((\w+)\.py\)", (SAMPLES / "README.md").read_text(encoding="utf-8"))
    assert sorted(linked) == TOPICS


@each_sample
def test_the_sample_runs_without_srcdiff_and_says_something(path: Path) -> None:
    forbidden = "import sys, runpy; sys.modules['srcdiff'] = sys.modules['jaxtyping'] = None; "
    done = run("-c", f"{forbidden}runpy.run_path({str(path)!r}, run_name='__main__')")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) >= 3


@each_sample
def test_the_sample_says_what_it_teaches(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith('"""')
    assert f"    srcdiff samples/{path.name} --in-place" in text.split('"""')[1]


@each_sample
def test_the_derived_code_is_fresh(path: Path) -> None:
    done = srcdiff(str(path), "--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@each_sample
def test_a_plain_refresh_changes_nothing(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / path.name
    copy.write_bytes(path.read_bytes())
    done = srcdiff(str(copy), "--in-place")
    assert (done.returncode, done.stderr) == (0, "")
    assert copy.read_text(encoding="utf-8") == path.read_text(encoding="utf-8")


@each_sample
def test_every_forward_function_has_its_backward_function(path: Path) -> None:
    module = load(path.stem)
    functions = dict(inspect.getmembers(module, inspect.isfunction))
    for name in functions:
        if name.endswith("_backward"):
            assert name.removesuffix("_backward") in functions
    alone = {
        n for n in functions if not n.endswith("_backward") and f"{n}_backward" not in functions
    }
    assert alone <= {"sigmoid"}
    for _, cls in inspect.getmembers(module, inspect.isclass):
        assert hasattr(cls, "forward") == hasattr(cls, "backward")


@each_sample
def test_the_module_on_standard_output_runs_alone(path: Path) -> None:
    done = srcdiff(str(path))
    assert (done.returncode, done.stderr) == (0, "")
    imports = set(re.findall(r"^(?:import|from) (\w+)", done.stdout, flags=re.MULTILINE))
    assert imports <= {"math", "numpy", "__future__"}
    namespace: dict[str, Any] = {"__name__": "alone"}
    exec(compile(done.stdout, path.name, "exec"), namespace)


# What the seeds print.


def test_the_neuron_gives_the_course_s_numbers() -> None:
    dw, dx = load("neuron").neuron_backward([2.0, -3.0, -3.0], [-1.0, -2.0])
    assert dx == pytest.approx([0.3932238664829637, -0.5898357997244456], rel=1e-15)
    assert dw == pytest.approx(
        [-0.19661193324148185, -0.3932238664829637, 0.19661193324148185], rel=1e-15
    )
    assert isinstance(dx, list)


def test_staged_computation_gives_the_course_s_numbers() -> None:
    module = load("staged_computation")
    assert module.staged(3.0, -4.0) == pytest.approx(1.5456448841066441, rel=1e-15)
    _, dy = module.staged_backward(3.0, -4.0)
    assert dy == pytest.approx(1.5922327514838093, rel=1e-15)


def test_a_gradient_step_raises_the_circuit_s_output_as_in_the_course() -> None:
    module = load("single_neuron_circuit")
    inputs = (-2.0, 5.0, -4.0)
    assert module.circuit_backward(*inputs) == (-4.0, -4.0, 3.0)
    moved = [v + 0.01 * g for v, g in zip(inputs, module.circuit_backward(*inputs), strict=True)]
    assert module.circuit(*moved) == pytest.approx(-11.5924, rel=1e-14)


def test_a_gradient_step_raises_the_neuron_s_output_as_in_the_course() -> None:
    module = load("single_neuron_circuit")
    inputs = (1.0, 2.0, -3.0, -1.0, 3.0)
    gradients = module.neuron_backward(*inputs)
    assert gradients == pytest.approx(
        (
            -0.10499358540350662,
            0.31498075621051985,
            0.10499358540350662,
            0.10499358540350662,
            0.20998717080701323,
        ),
        rel=1e-14,
    )
    moved = [v + 0.01 * g for v, g in zip(inputs, gradients, strict=True)]
    assert module.neuron(*inputs) == pytest.approx(0.8807970779778823, rel=1e-15)
    assert module.neuron(*moved) == pytest.approx(0.8825501816218984, rel=1e-15)


def test_the_lecture_s_matrix_gradients() -> None:
    W, x = np.array([[0.1, 0.5], [-0.3, 0.8]]), np.array([[0.2], [0.4]])
    module = load("ninja_exercises")
    dW, dx = module.squared_length_backward(W, x)
    assert module.squared_length(W, x) == pytest.approx(0.116, rel=1e-14)
    np.testing.assert_allclose(dW, [[0.088, 0.176], [0.104, 0.208]], rtol=1e-14)
    np.testing.assert_allclose(dx, [[-0.112], [0.636]], rtol=1e-14)


# The derived code against central differences.


@pytest.mark.parametrize("args", [(3.0, -4.0), (-0.7, 0.2)])
def test_staged_computation_is_right(args: tuple[float, ...]) -> None:
    module = load("staged_computation")
    assert_gradients(module.staged, module.staged_backward, args)


def test_the_neurons_are_right() -> None:
    module = load("neuron")
    rng = np.random.default_rng(0)
    assert_gradients(module.neuron, module.neuron_backward, ([2.0, -3.0, 0.5], [-1.0, 0.4]))
    args = (rng.standard_normal(4), rng.standard_normal(4), 0.3)
    assert_gradients(module.neuron_vector, module.neuron_vector_backward, args)
    args = (rng.standard_normal((4, 1)), rng.standard_normal((6, 4)), 0.3)
    assert_gradients(module.neuron_batch, module.neuron_batch_backward, args)


EXERCISES: dict[str, tuple[float, ...]] = {
    "sig": (0.5,),
    "multiplication_gate": (-2.0, 3.0),
    "addition_gate": (-2.0, 3.0),
    "two_additions": (-2.0, 3.0, 5.0),
    "combining_gates": (-2.0, 3.0, 5.0),
    "neuron": (1.0, 2.0, -3.0, -1.0, 3.0),
    "square": (3.0,),
    "sum_of_squares": (1.0, -2.0, 3.0),
    "squared_product": (1.0, -2.0, 3.0, 0.5),
    "division": (4.0,),
    "quotient": (1.0, 2.0, 3.0, 5.0),
    "maximum": (2.0, 3.0),
    "relu": (1.5,),
    "weighted_circuit": (0.1, 0.2, 0.3, 5.0, 3.0, 2.0),
}


@pytest.mark.parametrize("name", EXERCISES)
def test_the_exercise_is_right(name: str) -> None:
    module = load("ninja_exercises")
    assert_gradients(getattr(module, name), getattr(module, f"{name}_backward"), EXERCISES[name])


@pytest.mark.parametrize(
    ("name", "shapes"), [("matrix_product", [(3, 4), (4, 5)]), ("squared_length", [(3, 2), (2, 1)])]
)
def test_the_matrix_exercise_is_right(name: str, shapes: list[tuple[int, ...]]) -> None:
    module = load("ninja_exercises")
    rng = np.random.default_rng(0)
    args = tuple(rng.standard_normal(shape) for shape in shapes)
    assert_gradients(getattr(module, name), getattr(module, f"{name}_backward"), args)


def test_every_exercise_is_tested() -> None:
    module = load("ninja_exercises")
    names = {n for n, _ in inspect.getmembers(module, inspect.isfunction)}
    tested = {*EXERCISES, "matrix_product", "squared_length"}
    assert names == tested | {f"{name}_backward" for name in tested}


@pytest.mark.parametrize(
    ("args", "wanted"),
    [((2.0, 3.0), (0.0, 1.0)), ((3.0, 2.0), (1.0, 0.0)), ((2.0, 2.0), (1.0, 0.0))],
)
def test_maximum_follows_the_branch_that_python_takes(
    args: tuple[float, float], wanted: tuple[float, float]
) -> None:
    assert load("ninja_exercises").maximum_backward(*args) == wanted


@pytest.mark.parametrize(("a", "wanted"), [(1.5, 2.0), (0.0, 0.0), (-1.5, 0.0)])
def test_relu_has_slope_zero_at_zero(a: float, wanted: float) -> None:
    assert load("ninja_exercises").relu_backward(a, 2.0) == wanted


def test_the_one_layer_network_is_right() -> None:
    module = load("one_layer_network")
    rng = np.random.default_rng(0)
    X, Y, W0 = (rng.standard_normal(shape) for shape in ((5, 3), (5, 1), (3, 1)))
    backward = module.prediction_error_backward
    assert_gradients(module.prediction_error, backward, (X, Y, W0), wrt=(2,))
    Y, W, b = (rng.standard_normal(shape) for shape in ((5, 2), (3, 2), (2,)))
    assert_gradients(module.loss, module.loss_backward, (X, Y, W, b), wrt=(2, 3))


def test_the_two_hidden_layer_network_is_right() -> None:
    module = load("two_hidden_layer_network")
    rng = np.random.default_rng(0)
    shapes = ((4, 3), (4, 1), (3, 4), (4, 5), (5, 1))
    args = tuple(rng.standard_normal(shape) for shape in shapes)
    assert_gradients(module.two_hidden, module.two_hidden_backward, args, wrt=(2, 3, 4))


@pytest.mark.parametrize("label", [1.0, -1.0])
@pytest.mark.parametrize("point", [(1.2, 0.7), (3.0, 0.1), (-3.0, 2.0)])
def test_the_margin_loss_is_right_inside_and_outside_the_margin(
    point: tuple[float, float], label: float
) -> None:
    module = load("svm")
    args = (*point, 1.0, -2.0, -0.4, label, 0.1)
    assert_gradients(module.svm_margin_loss, module.svm_margin_loss_backward, args, wrt=(2, 3, 4))


def test_outside_the_margin_only_regularisation_pulls() -> None:
    gradients = load("svm").svm_margin_loss_backward(3.0, 0.0, 1.0, -2.0, 0.0, 1.0, 0.5)
    assert gradients == (0.5, -1.0, 0.0)


# Layers and gates.


def network(module: ModuleType) -> Any:
    rng = np.random.default_rng(0)
    lin1, lin2 = module.Linear(2, 3, rng), module.Linear(3, 2, rng)
    return module.Network(lin1, module.Sigmoid(), lin2, module.MSE(rng.standard_normal((2, 5))))


@pytest.mark.parametrize(
    ("path", "gradient"),
    [
        ("lin1.W", "lin1.dW"),
        ("lin1.b", "lin1.db"),
        ("lin2.W", "lin2.dW"),
        ("lin2.b", "lin2.db"),
        ("mse.labels", "mse.dlabels"),
    ],
)
def test_the_network_leaves_right_gradients_on_its_parts(path: str, gradient: str) -> None:
    net = network(load("layers"))
    x = np.random.default_rng(1).standard_normal((2, 5))
    net.forward(x)
    net.backward()
    part, _, attribute = path.partition(".")
    owner = getattr(net, part)
    found = np.array(getattr(owner, gradient.partition(".")[2]))

    def at(value: Any) -> Any:
        setattr(owner, attribute, value)
        return net.forward(x)

    expected = numeric(at, (getattr(owner, attribute).copy(),), 0, 1.0, 1e-5)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-9)


def test_the_network_gives_the_gradient_of_its_input() -> None:
    net = network(load("layers"))
    x = np.random.default_rng(1).standard_normal((2, 5))
    net.forward(x)
    dx = net.backward(2.0)
    np.testing.assert_allclose(dx, numeric(net.forward, (x,), 0, 2.0, 1e-5), rtol=1e-7, atol=1e-9)


def test_the_circuit_of_gates_gives_the_course_s_numbers() -> None:
    circuit = load("layers").Circuit()
    assert circuit.forward(-1.0, 3.0, 1.0, 2.0, -3.0) == pytest.approx(0.8807970779778823)
    dx, dy, da, db, dc = circuit.backward()
    assert (da, db, dc, dx, dy) == pytest.approx(
        (
            -0.10499358540350662,
            0.31498075621051985,
            0.10499358540350662,
            0.10499358540350662,
            0.20998717080701323,
        ),
        rel=1e-14,
    )
    assert all(type(gradient) is float for gradient in (dx, dy, da, db, dc))


@pytest.mark.parametrize(
    ("gate", "args"),
    [
        ("MultiplyGate", (-2.0, 3.0)),
        ("AddGate", (-2.0, 3.0)),
        ("SigmoidGate", (0.7,)),
        ("Circuit", (0.3, -0.4, 1.1, 0.9, -0.2)),
    ],
)
def test_the_gate_is_right(gate: str, args: tuple[float, ...]) -> None:
    module = load("layers")

    def forward(*values: float) -> Any:
        return getattr(module, gate)().forward(*values)

    def backward(*values: float) -> Any:
        made = getattr(module, gate)()
        made.forward(*values[: len(args)])
        return made.backward(*values[len(args) :])

    assert_gradients(forward, backward, args)


def test_a_step_against_the_gradient_lowers_the_network_s_loss() -> None:
    net = network(load("layers"))
    x = np.random.default_rng(1).standard_normal((2, 5))
    before = net.forward(x)
    net.backward()
    for layer in (net.lin1, net.lin2):
        layer.W -= 0.05 * layer.dW
        layer.b -= 0.05 * layer.db
    assert net.forward(x) < before
