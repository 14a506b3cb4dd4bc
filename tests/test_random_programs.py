"""Random straight-line programs, held to laws.

At length: python tests/test_random_programs.py 5000
"""

from __future__ import annotations

import copy
import importlib.util
import random
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcdiff import DerivationError, derive_backward

HEADER = """\
import numpy as np


def square(x):
    return x * x


def blend(x, y):
    a = np.tanh(x)
    b = a * y
    return a + b


"""
ELEMENTWISE = [
    "{0} + {1}",
    "{0} - {1}",
    "{0} * {1}",
    "{0} / ({1}**2 + 1)",
    "-{0} * {1}",
    "np.sin({0})",
    "np.tanh({0}) * {1}",
    "np.exp(-({0}**2))",
    "1 / (1 + np.exp(-{0}))",
    "np.sqrt({0}**2 + 1)",
    "np.maximum({0}, {1})",
    "np.where({0} > {1}, {0} * 2, np.sin({1}))",
    "np.abs({0}) + {1}",
    "square({0}) + {1}",
    "blend({0}, {1})",
    "blend({0} + {1}, square({1}))",
    "{0} ** 3 - {1}",
    "np.logaddexp({0}, {1})",
    "np.clip({0}, -0.9, 0.8)",
    "np.hypot({0}, {1} + 2)",
]
REDUCING = [
    "{0} - np.mean({0})",
    "{0} * np.sum({1})",
    "{0} + np.max({1})",
    "{0} / (np.std({0}) + 1)",
    "{0} * {1}.mean()",
    "{0} - {0}.min() + np.var({1})",
    "np.exp({0}) / np.sum(np.exp({0}))",
]
MATRIX = [
    "{0} @ M",
    "{0}.T.T * 2",
    "np.dot({0}, M) + {0}",
    "{0}[..., ::-1]",
    "{0} - np.mean({0}, axis=-1, keepdims=True)",
    "{0} * np.sum({1}, axis=-1, keepdims=True)",
    "np.concatenate([{0}[..., :1], {0}[..., 1:] * 2], axis=-1)",
    "{0}[..., [0, 0, 2]]",
    "np.stack([{0}, {0} * 3], axis=0).sum(axis=0)",
]
SHAPES: list[tuple[Any, Any]] = [
    ((), ()),
    ((3,), (3,)),
    ((3,), ()),
    ((2, 3), (2, 3)),
    ((2, 3), (3,)),
    ((2, 3), (2, 1)),
    ((1, 3), (2, 3)),
]


def program(draw: random.Random, shapes: tuple[Any, Any]) -> str:
    """Give the text of a random function of x, y and M."""
    names = ["x", "y"]
    lines: list[str] = []
    arrays = shapes[0][-1:] == (3,)
    for step in range(draw.randint(2, 7)):
        a, b = draw.choice(names), draw.choice(names)
        forms = [ELEMENTWISE] * 5 + [REDUCING] * 2
        whole = [n for n in names if n != "y" or shapes[1][-1:] == (3,)]
        if arrays and draw.random() < 0.3:
            forms, a = [MATRIX], draw.choice(whole)
            b = draw.choice(whole)
        text = draw.choice(draw.choice(forms)).format(a, b)
        kind = draw.random()
        if kind < 0.6:
            name = draw.choice([f"v{step}", f"v{step}", f"v{step}", "x"])
            lines.append(f"{name} = {text}")
        elif kind < 0.7:
            name = f"v{step}"
            lines.append(f"{name} = {text}")
            lines.append(f"{name} {draw.choice('+-*')}= {draw.choice(['x', 'y', '0.5'])}")
        elif kind < 0.8:
            name = f"v{step}"
            lines.append(f"{name}, w{step} = {text}, {a} * 0.5")
            names.append(f"w{step}")
        elif kind < 0.9:
            name = f"v{step}"
            lines.append(f"{name} = {text} if np.sum({b}) > 0 else {b} * {a}")
        else:
            name = f"v{step}"
            lines.append(f"{name} = u = {text}")
            lines.append(f"{name} = {name} + u * 0.1")
        if name not in names:
            names.append(name)
    lines.append(f"return {names[-1]} * {draw.choice(names)} + 0.1 * {draw.choice(names)}")
    return "".join(f"    {line}\n" for line in lines)


def load(text: str, path: Path) -> Any:
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def differences(f: Any, args: list[Any], place: int, upstream: Any) -> np.ndarray:
    """Give central differences; not a number where two step sizes disagree, as at a kink."""
    result = np.zeros(np.shape(args[place]))
    for index in np.ndindex(result.shape):
        found = []
        for h in (1e-5, 1e-6):
            ends = []
            for sign in (1, -1):
                moved = [np.array(a) for a in args]
                moved[place][index] += sign * h
                at = [m if np.ndim(a) else float(m) for m, a in zip(moved, args, strict=True)]
                ends.append(np.sum(f(*at) * upstream))
            found.append((ends[0] - ends[1]) / (2 * h))
        close = abs(found[0] - found[1]) <= 1e-4 * (1 + abs(found[0]))
        result[index] = found[0] if close else np.nan
    return result


def check(seed: int, folder: Path) -> bool:
    """Derive one program and hold it to the laws; give whether it was passed over."""
    draw = random.Random(seed)
    shapes = draw.choice(SHAPES)
    text = HEADER + "def f(x, y, M):\n" + program(draw, shapes)
    module = load(text, folder / f"program_{seed}.py")
    numbers = np.random.default_rng(seed)
    args: list[Any] = [
        numbers.uniform(-1.2, 1.2, s) if s else float(numbers.uniform(-1.2, 1.2)) for s in shapes
    ]
    args.append(numbers.uniform(-1, 1, (3, 3)))
    f = module.f
    try:
        out = f(*copy.deepcopy(args))
    except (ValueError, AttributeError, IndexError, TypeError):
        return True  # the program itself doesn't run
    upstream = numbers.uniform(0.5, 1.5, np.shape(out))
    upstream = upstream if np.ndim(out) else float(upstream)
    kept = [np.copy(a) for a in (*args, upstream)]
    try:
        derive_backward(f)
    except DerivationError as error:
        codes = {d.code for d in error.diagnostics}
    else:
        codes = set()
    if codes:
        assert codes == {"SD110"}, text
        return True
    general = f.backward._general
    if general is None:  # with the arguments' types it may be known what shares memory
        return True
    names = [v.wish for v in general.derivation.wanted]
    keyword = general.derivation.upstream_names()[0]
    for how in (f.backward, general.function("f_backward")):
        found = how(*args, **{keyword: upstream})
        found = found if len(names) > 1 else (found,)
        arrays = [v for v in (*found, *args, upstream) if isinstance(v, np.ndarray)]
        for i, gradient in enumerate(v for v in found if isinstance(v, np.ndarray)):
            others = [o for j, o in enumerate(arrays) if j != i]
            assert not any(np.shares_memory(gradient, o) for o in others), text
        for name, gradient in zip(names, found, strict=True):
            place = "xyM".index(name)
            assert np.shape(gradient) == np.shape(args[place]), f"{text}\n{name}"
            expected = differences(f, args, place, upstream)
            smooth = np.isfinite(expected)
            if not smooth.all():  # a kink: a test or a comparison flips
                continue
            error = np.abs(np.asarray(gradient) - expected)
            bound = 2e-4 * (1 + np.abs(expected))
            assert np.all(error <= bound), f"{text}\n{name}: {gradient} for {expected}"
    for before, after in zip(kept, (*args, upstream), strict=True):
        np.testing.assert_array_equal(before, after)
    both = f.backward(*args, **{keyword: upstream})
    both = both if len(names) > 1 else (both,)
    value, _ = f.value_and_grad(*args, **{keyword: upstream})
    np.testing.assert_allclose(value, out, rtol=1e-12)
    for name, gradient in zip(names, both, strict=True):
        alone = derive_backward(load(text, folder / f"alone_{seed}.py").f, wrt=name)
        again = alone.backward(*args, **{keyword: upstream})
        np.testing.assert_allclose(again, gradient, rtol=1e-9, atol=1e-12)
    split = load(text, folder / f"split_{seed}.py").f
    derive_backward(split, mode="split")
    _, cache = split.forward(*args)
    parts = split.backward(np.asarray(upstream) if np.ndim(out) else upstream, cache)
    parts = parts if len(names) > 1 else (parts,)
    for mine, theirs in zip(parts, both, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-12)
    return False


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("block", range(6))
def test_random_programs_keep_the_laws(block: int, tmp_path: Path) -> None:
    refused = [check(1000 * block + seed, tmp_path) for seed in range(15)]
    assert sum(refused) < len(refused) / 2


def main() -> int:
    """Run many programs; give the number of failures."""
    count, start = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    failures = refusals = 0
    np.seterr(all="ignore")
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(start, start + count):
            try:
                refusals += check(seed, Path(folder))
            except Exception as error:  # noqa: BLE001  # whatever it is, it is a failure
                failures += 1
                print(f"seed {seed}: {type(error).__name__}: {error}\n")
    print(f"{count} programs, {refusals} refused, {failures} failed")
    return failures


if __name__ == "__main__":
    sys.exit(min(main(), 100))
