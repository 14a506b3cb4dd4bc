"""What is asked for: the parameters whose gradients are wanted, and the outputs.

Takes a function and the names asked for. Gives the variables. Refuses names that it doesn't have.
"""

from __future__ import annotations

from srcdiff.diagnostics import Problems, Refusal
from srcdiff.ir.nodes import Function, Variable
from srcdiff.passes.ends import check_ends
from srcdiff.passes.webs import webs


def check_asked(function: Function) -> None:
    """Refuse outputs that the function, as read, doesn't have, or that are lost on the way."""
    source = function.source
    problems = source.problems()
    if not function.outputs:
        with problems.within(function.name_span):
            check_ends(function)
        problems.raise_if_any()
    if not function.asked:
        return
    known = {parameter.variable.wish for parameter in function.parameters}
    names = [output.name for output in function.outputs or webs(function).outputs]
    for name in function.asked:
        if name in names:
            continue
        if function.outputs:
            what, hint = "returns no", f"What it returns has the names {', '.join(names)}."
        else:
            what = "doesn't write into" if name in known else "has no parameter"
            hint = "The outputs of a function without return are the arguments that it writes into."
        problems.add(Refusal("SD112", f"{function.name} {what} {name}.", hint, function.name_span))
        problems.raise_if_any()


def chosen_sources(
    function: Function, wrt: tuple[str, ...] | str | None, problems: Problems
) -> list[Variable]:
    """Give the variables whose influence is followed."""
    names = (wrt,) if isinstance(wrt, str) else wrt
    by_name = {p.variable.wish: p.variable for p in function.parameters}
    twice = [name for i, name in enumerate(names or ()) if name in (names or ())[:i]]
    if names == () or twice:
        message = f"wrt names {twice[0]} twice." if twice else "wrt names no parameter."
        hint = "Name each parameter once." if twice else 'Write wrt="x", or leave it out.'
        problems.add(Refusal("SD117", message, hint), function.name_span)
        problems.raise_if_any()
    for name in names or ():
        if name not in by_name:
            problems.add(
                Refusal(
                    "SD112",
                    f"{function.name} has no parameter {name}.",
                    f"Its parameters are {', '.join(by_name)}.",
                    function.name_span,
                )
            )
    if names is not None:
        return [by_name[name] for name in names if name in by_name]
    return [v for v in by_name.values() if v.role == "parameter"] + list(function.attributes)


def wanted_gradients(
    function: Function,
    wrt: tuple[str, ...] | str | None,
    adjoints: dict[Variable, Variable],
    problems: Problems,
) -> tuple[list[Variable], bool]:
    """Give the parameters whose gradients are returned, and whether the one comes bare."""
    by_name = {p.variable.wish: p.variable for p in function.parameters}
    if wrt is not None:
        names = (wrt,) if isinstance(wrt, str) else wrt
        return [by_name[name] for name in names], isinstance(wrt, str)
    found = [v for v in by_name.values() if v in adjoints and v.role == "parameter"]
    if not found and not function.is_method:
        _refuse_constant(function, problems)
    return found, len(found) == 1


def wanted_tangents(
    function: Function,
    wrt: tuple[str, ...] | str | None,
    live: set[Variable],
    tangents: dict[Variable, Variable],
    problems: Problems,
) -> list[Variable]:
    """Give the parameters that have a tangent: those asked for, else those that matter."""
    parameters = [p.variable for p in function.parameters]
    if wrt is not None:
        by_name = {v.wish: v for v in parameters}
        return [by_name[name] for name in ((wrt,) if isinstance(wrt, str) else wrt)]
    found = [v for v in parameters if tangents.get(v) in live]
    if not found:
        _refuse_constant(function, problems)
    return found


def _refuse_constant(function: Function, problems: Problems) -> None:
    problems.add(
        Refusal(
            "SD113",
            f"no parameter of {function.name} influences its output differentiably.",
            "Check what it returns.",
            function.name_span,
        )
    )
    problems.raise_if_any()


def upstream_names(function: Function) -> list[str]:
    """Give the names of a function's upstream gradients: d and the output's name, unless taken."""
    return _gradient_names(function, [output.name for output in function.outputs])


def tangent_names(function: Function, wanted: list[Variable]) -> list[str]:
    """Give the names of parameters' tangents: d and the parameter's name, unless taken."""
    return _gradient_names(function, [variable.wish for variable in wanted])


def _gradient_names(function: Function, wishes: list[str]) -> list[str]:
    taken = {parameter.variable.wish for parameter in function.parameters}
    names = []
    for wish in wishes:
        name = f"d{wish}"
        while name in taken:
            name += "_"
        taken.add(name)
        names.append(name)
    return names
