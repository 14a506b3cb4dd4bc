"""Plants mistakes in rules, and looks whether the rules' tests find each of them.

    python tests/mutants.py                   all rules
    python tests/mutants.py reduction         those of srcdiff/rules/reduction.py
    python tests/mutants.py sum_backward inv_forward

A mutant is a rule with one mistake (mutations.py). It is installed as the code of the rule's own
function, and derived from its own text; then the checks of test_rules, test_forward_rules and
test_complex_rules run for this rule, in this process, until one fails. A mutant that none finds
is told: either a point is missing, or the rule is wrong, or the mutant is no mistake, and is listed
in EQUIVALENT with the reason.
"""

from __future__ import annotations

import contextlib
import itertools
import linecache
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np
import pytest
import test_complex_rules as of_complex
import test_forward_rules as of_forward
import test_rules as of_rules
from mutations import Mutant, mutants_of
from rule_points_equivalent import EQUIVALENT
from rule_points_linalg import UNDETERMINED

from srcdiff import DerivationError
from srcdiff.passes import idioms
from srcdiff.rules import forwards, registry
from srcdiff.rules.registry import AnyFunction, Rule
from srcdiff.syntax.read_rule import read_rule

Check = Callable[[], None]
LONGEST = 30
"""Seconds of this process's own time after which a mutant counts as found: it never ends."""
FOUND = (Exception, pytest.fail.Exception)


COMPLEX = [*dict.fromkeys([*of_complex.ACCEPTED, *of_complex.FOURIER])]
OF_ANY_PHASE = {
    "eigh_backward": [
        *(of_complex.sizes_of_eigenvectors, of_complex.sizes_of_eigenvectors_alone),
        of_complex.function_of_eigenvalues,
    ],
    "svd_backward": [
        *(of_complex.sizes_of_singular_vectors, of_complex.function_of_singular_values),
        *(of_complex.function_of_a_tall_matrix, of_complex.function_of_a_wide_matrix),
    ],
    "eig_backward": [of_complex.function_of_eigenvectors],
    "slogdet_of_complex_backward": [of_complex.sign_and_size_of_a_determinant],
}
of_any_phase = of_complex.test_vectors_of_any_phase_are_right_where_no_phase_matters
along_any_phase = of_complex.test_tangents_of_vectors_of_any_phase_are_right_too
of_helper = of_forward.test_a_helpers_forward_rule_agrees_with_its_gradients
of_completed = of_forward.test_what_completes_a_basis_has_no_tangent

# The checks of one rule


def checks_of(backward: AnyFunction, tangent: AnyFunction | None = None) -> Iterator[Check]:
    """Give the checks of a backward rule; those of its forward rule alone, if this is given."""
    folder = Path(tempfile.mkdtemp(prefix="mutants"))
    pairs = [
        [(r, f) for r, f in table if r.backward is backward]
        for table in (of_rules.PAIRS, of_forward.PUSHED, COMPLEX)
    ]
    yield from _directly(backward, pairs[0]) if tangent is None else _along(backward, pairs[0])
    for (rule, function), manner in itertools.product(pairs[1], ("", "settings", "items", "alone")):
        yield from _derived(rule, function, manner, folder, forward_only=tangent is not None)
    for (rule, function), manner in itertools.product(pairs[2], ("", "settings")):
        yield from _of_complex(rule, function, manner, folder, forward_only=tangent is not None)


def _directly(backward: AnyFunction, pairs: list[tuple[Rule, AnyFunction]]) -> Iterator[Check]:
    """Give the checks of a backward rule that call it as it stands, or by name."""
    rules = dict.fromkeys(rule for _, rule in registry.all_rules())
    yield from (partial(of_rules.check_order, r) for r in rules if r.backward is backward)
    for rule, function in pairs:
        for point in of_rules.points_of(rule, function):
            if not point.derived_only:
                yield partial(of_rules.check_directly, rule, function, point)
        for point in UNDETERMINED.get(backward.__name__, []):
            yield partial(of_rules.check_refused, rule, function, point)
    for function in OF_ANY_PHASE.get(backward.__name__, []):
        yield partial(_of_new_functions, of_any_phase, function)


def _along(backward: AnyFunction, pairs: list[tuple[Rule, AnyFunction]]) -> Iterator[Check]:
    """Give the checks of a forward rule that are its own."""
    for rule, function in pairs:
        if (rule, function) in of_forward.OF_HELPERS:
            yield partial(of_helper, rule, function)
    for function in OF_ANY_PHASE.get(backward.__name__, []):
        yield partial(_of_new_functions, along_any_phase, function)
    if backward.__name__ in ("svd_backward", "qr_backward"):
        for given in of_forward.FULL_AND_SMALL:
            yield partial(_of_new_functions, of_completed, *given)


def _of_new_functions(check: Callable[..., None], *given: Any) -> None:
    """Check with copies of functions, of which nothing has been derived yet."""
    check(*(FunctionType(f.__code__, f.__globals__) if callable(f) else f for f in given))


def _cases(rule: Rule, function: AnyFunction, manner: str) -> list[Any]:
    """Give the points and texts of the tests of this manner, as test_rules has them."""
    points = of_rules.points_of(rule, function)
    if manner == "settings":
        return of_rules.with_settings(rule, function)
    if manner == "alone":
        points = of_forward.alone(rule, function)
        return [(p, of_rules.write(rule, function, p, "settings")) for p in points]
    if manner == "items":
        if (rule, function) not in of_rules.LISTS:
            return []
        points = [p for p in points if isinstance(p.args[0], list)]
        points = [p for p in points if not isinstance(p.args[0][0], list)]
        points = [p for p in points if len(of_rules.bind(rule, p).active) == 1]
    return [(p, of_rules.write(rule, function, p, manner)) for p in points]


def _library(written: list[of_rules.Written], path: Path) -> of_rules.Library:
    library = of_rules.Library(path)
    for one in written:
        library.add(one)
    library.load()
    return library


def _path(folder: Path, rule: Rule, function: AnyFunction, manner: str) -> Path:
    count = len(list(folder.iterdir()))
    return folder / f"{rule.backward.__name__}_{function.__name__}_{manner}{count}.py"


def _derived(
    rule: Rule, function: AnyFunction, manner: str, folder: Path, *, forward_only: bool
) -> Iterator[Check]:
    cases = _cases(rule, function, manner)
    library = _library([written for _, written in cases], _path(folder, rule, function, manner))
    for point, written in cases:
        if not forward_only and manner != "alone":
            yield partial(_anew, of_rules.check_derived, rule, function, point, written, library)
    if of_forward.has_forward_mode(rule) and function not in of_forward.STEPS:
        for point, written in cases:
            yield partial(_pushed, rule, function, point, written, library)


def _anew(check: Callable[..., None], *args: Any) -> None:
    """Check with a library that hasn't derived anything yet."""
    args[-1].derived.clear()
    check(*args)


def _pushed(rule: Rule, function: AnyFunction, point: Any, written: Any, library: Any) -> None:
    try:
        of_forward.check_pushed(rule, function, point, written, library)
    except DerivationError as refusal:
        partly = of_forward.PARTLY.get(rule.backward.__name__, set())
        if "forward mode" not in str(refusal) or not partly & set(written.active):
            raise


def _of_complex(
    rule: Rule, function: AnyFunction, manner: str, folder: Path, *, forward_only: bool
) -> Iterator[Check]:
    if manner and not of_complex.is_fourier(function):
        return
    points = of_complex.points_of(rule, function)
    if rule.takes_complex:
        hard = of_complex.HARD.get(rule.backward.__name__, [])
        points = [*of_complex.complex_points(rule, function), *hard]
    cases = [of_complex.case(rule, function, point, manner) for point in points]
    library = _library([c.written for c in cases], _path(folder, rule, function, f"c{manner}"))
    if not forward_only:
        yield from (partial(_anew, of_complex.check_case, given, library) for given in cases)
    if (rule, function) in of_complex.PUSHED and not manner:
        by_value = function in registry.GIVES_COMPLEX
        for given in cases:
            yield partial(of_complex.check_pushed, given, library, complex_by_value=by_value)


# Planting


@contextlib.contextmanager
def planted(function: Any, text: str) -> Iterator[None]:
    """Let a function have another text, and the code of it."""
    name = f"<mutant of {function.__name__} {hash(text)}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    made: dict[str, Any] = dict(function.__globals__)
    exec(compile(text, name, "exec", dont_inherit=True), made)
    before = function.__code__
    function.__code__ = made[function.__name__].__code__
    _forget()
    try:
        yield
    finally:
        function.__code__ = before
        del linecache.cache[name]
        _forget()


def _forget() -> None:
    """Let rules and idioms be read again: what was read of idioms holds what was read of rules."""
    read_rule.cache_clear()
    idioms._GOALS.clear()


def finds(checks: list[Check]) -> bool:
    """Whether some check fails. What failed is tried first the next time."""
    for place, check in enumerate(checks):
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                check()
        except FOUND:
            checks.insert(0, checks.pop(place))
            return True
    return False


def _too_long(*_: Any) -> None:
    raise TimeoutError


def survivors(
    function: AnyFunction, checks: list[Check], mutants: list[Mutant], longest: float
) -> list[Mutant]:
    """Give the mutants that no check finds."""
    left = []
    signal.signal(signal.SIGPROF, _too_long)
    for mutant in mutants:
        with planted(function, mutant.text):
            signal.setitimer(signal.ITIMER_PROF, longest)
            found = finds(checks)
            signal.setitimer(signal.ITIMER_PROF, 0)
        if not found:
            left.append(mutant)
    return left


# The rules


def targets(names: list[str]) -> list[tuple[AnyFunction, AnyFunction | None]]:
    """Give the rules, or files of rules, of some names; the forward rule where it is meant."""
    backwards = dict.fromkeys(rule.backward for _, rule in registry.all_rules())
    every: list[tuple[AnyFunction, AnyFunction | None]] = [(b, None) for b in backwards]
    every += [(b, t) for b, t in forwards.TANGENTS.items() if b in backwards]
    if not names:
        return every
    chosen = []
    for backward, tangent in every:
        own = tangent or backward
        if {own.__name__, own.__module__.rpartition(".")[2]} & set(names):
            chosen.append((backward, tangent))
    return chosen


def problems_of(backward: AnyFunction, tangent: AnyFunction | None) -> tuple[int, list[str]]:
    """Give how many mutants a rule has, and what is wrong with its tests."""
    function = tangent or backward
    name = function.__name__
    mutants = mutants_of(function)
    checks = list(checks_of(backward, tangent))
    if not checks:
        return 0, [f"{name} has no checks"]
    before = time.process_time()
    if finds(checks):
        return 0, [f"{name} fails without a mutant"]
    longest = LONGEST + 3 * (time.process_time() - before)
    left = {m.change: m for m in survivors(function, checks, mutants, longest)}
    known = EQUIVALENT.get(name, {})
    problems = [f"{name}:{m.line} {c}" for c, m in left.items() if c not in known]
    there = {m.change for m in mutants}
    problems += [f"{name}: listed, but no mutant: {c}" for c in known if c not in there]
    problems += [f"{name}: listed, but found: {c}" for c in known if c in there and c not in left]
    return len(mutants), problems


def main(names: list[str]) -> int:
    """Run over the rules, and tell what survives."""
    total = bad = 0
    start = time.perf_counter()
    chosen = targets(names)
    every = {(t or b).__name__ for b, t in targets([])}
    print(*(f"listed, but no rule: {n}" for n in EQUIVALENT if n not in every), sep="\n")
    for backward, tangent in chosen:
        before = time.perf_counter()
        count, problems = problems_of(backward, tangent)
        spent = time.perf_counter() - before
        total, bad = total + count, bad + len(problems)
        print(f"{(tangent or backward).__name__}: {count} mutants, {spent:.1f} s", flush=True)
        print(*(f"    {problem}" for problem in problems), sep="\n", end="\n" * bool(problems))
    print(
        f"{len(chosen)} rules, {total} mutants, {bad} problems, {time.perf_counter() - start:.0f} s"
    )
    return 1 if bad or set(EQUIVALENT) - every else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
