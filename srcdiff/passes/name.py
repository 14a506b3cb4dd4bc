"""Variables get names: the source's where it gave one, and no two that live together the same.

Takes the lines of the program in order, each with what it reads and binds. Gives the text of each
variable. Refuses nothing.
"""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Iterable
from dataclasses import dataclass

from srcdiff.ir.nodes import Variable

RESERVED = frozenset(keyword.kwlist) | frozenset(dir(builtins))


@dataclass(frozen=True, slots=True)
class Use:
    """What one line reads and binds, and whether it assigns results that nobody needs to _."""

    reads: tuple[Variable, ...]
    binds: tuple[Variable, ...]
    leaves_out: bool = False


def name(
    uses: list[Use],
    fixed: dict[Variable, str],
    taken: Iterable[str],
    origins: dict[Variable, Variable],
    wishes: dict[Variable, str],
) -> dict[Variable, str]:
    """Choose names.

    Parameters
    ----------
    uses
        The lines, in order.
    fixed
        Names that are given: parameters, upstream gradients, module variables.
    taken
        Names that mean something else in the text: modules, functions.
    origins
        The forward variable of each gradient variable, whose name the gradient's follows.
    wishes
        What variables that the source didn't name would like to be called.
    """
    spans = _live_spans(uses, fixed)
    chosen = dict(fixed)
    holders: dict[str, list[tuple[int, int]]] = {}
    for variable, text in fixed.items():
        # What is given is given everywhere, unless it has a value of its own from some line on.
        own = spans.get(variable, [])
        whole = (-1, max((end for _, end in own), default=-1))
        holders.setdefault(text, []).append(whole)
    holders["_"] = [(2 * n + 1, 2 * n + 2) for n, use in enumerate(uses) if use.leaves_out]
    taken = frozenset(taken)
    numbers: dict[str, int] = {}
    for variable in sorted(spans, key=lambda v: spans[v][0][0]):
        if variable in chosen:
            continue
        own = spans[variable]
        origin = chosen.get(origins.get(variable, variable), "")
        wish = (wishes.get(variable, variable.wish) or "value").replace(".", "_")  # fc.W
        for text in _candidates(variable, wish, origin, numbers):
            local = variable.role == "local" and text == variable.wish
            if text in taken or (text in RESERVED and not local):
                continue
            if _are_apart(own, holders.get(text, [])):
                chosen[variable] = text
                holders.setdefault(text, []).extend(own)
                break
    return chosen


def _are_apart(left: list[tuple[int, int]], right: list[tuple[int, int]]) -> bool:
    return all(end <= s or e <= start for start, end in left for s, e in right)


def _live_spans(
    uses: list[Use], fixed: dict[Variable, str]
) -> dict[Variable, list[tuple[int, int]]]:
    """Give the stretches of lines in which each variable holds a value that is read.

    A line reads at an even moment and binds at the odd one after it, so that `x = x + 1` may use
    one name for both.
    """
    spans: dict[Variable, list[tuple[int, int]]] = {v: [(-1, -1)] for v in fixed}
    for line, use in enumerate(uses):
        for variable in use.reads:
            found = spans.setdefault(variable, [(2 * line, 0)])
            found[-1] = (found[-1][0], 2 * line + 1)
        for variable in use.binds:
            found = spans.setdefault(variable, [])
            if found and (variable in use.reads or variable in fixed):
                found[-1] = (found[-1][0], max(found[-1][1], 2 * line + 2))
            else:
                found.append((2 * line + 1, 2 * line + 2))
    return spans


def _candidates(
    variable: Variable, wish: str, origin: str, numbers: dict[str, int]
) -> Iterable[str]:
    """Give names in the order of preference; `numbers` remembers how far the counting went."""
    if origin.isidentifier():
        yield f"d{origin}"
    if keyword.iskeyword(wish) or (wish in RESERVED and variable.role in ("staged", "adjoint")):
        wish += "_"
    yield wish
    if wish == "_":
        yield (wish := "ignored")
    if variable.role == "adjoint" and wish.startswith("d"):
        yield f"d_{wish[1:]}"
    while True:
        number = numbers.setdefault(wish, 2)
        yield f"{wish}_{number}"
        numbers[wish] = number + 1
