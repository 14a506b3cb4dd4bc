"""Updates in place are safe only where nobody else looks at the array.

Takes a resolved function and its types. Gives the statements whose update may be done in place.
Refuses an update of an array that is read under another name later.
"""

from __future__ import annotations

from srcdiff.diagnostics import Problems, Refusal
from srcdiff.ir.nodes import (
    Function,
    Read,
    Statement,
    Variable,
)
from srcdiff.ir.walk import variables
from srcdiff.passes.infer import Types
from srcdiff.passes.views import views


def updates_in_place(function: Function, types: Types, problems: Problems) -> set[Statement]:
    """Check the updates, and give those that may stay as they are."""
    shared: dict[Variable, set[Variable]] = {
        parameter.variable: {parameter.variable} for parameter in function.parameters
    }
    safe: set[Statement] = set()
    parameters = {parameter.variable for parameter in function.parameters}
    for position, statement in enumerate(function.statements):
        for bind in statement.binds:
            if statement.form == "update":
                old = bind.value.arguments[0]  # type: ignore[union-attr]  # an update is a call
                assert isinstance(old, Read)
                if types.of(old).form == "scalar":
                    safe.add(statement)
                    shared[bind.variable] = {bind.variable}
                    continue
                family = shared.get(old.variable, {old.variable})
                others = family - {old.variable}
                with problems.within(statement.span):
                    # A later read of the old value goes by way of a tuple that holds the array.
                    _refuse_if_read(function, position, others | {old.variable}, old.variable)
                joined = family | {bind.variable}
                if family == {old.variable} and old.variable not in parameters:
                    safe.add(statement)
                    joined = {bind.variable}
            else:
                sources = views(bind.value)
                joined = {bind.variable}
                for source in sources:
                    if types.of(Read(source)).form != "scalar":
                        joined |= shared.get(source, {source})
            for variable in joined:
                shared[variable] = joined
    return safe


def _refuse_if_read(
    function: Function, position: int, others: set[Variable], old: Variable
) -> None:
    later = {
        variable
        for statement in function.statements[position + 1 :]
        for bind in statement.binds
        for variable in variables(bind.value)
    } | {variable for output in function.outputs for variable in variables(output.value)}
    hurt = sorted(variable.wish for variable in later & others if variable.wish)
    if hurt:
        raise Refusal(
            "SD110",
            f"this update changes {hurt[0]} too, if {old.wish} is an array: "
            "both are names of the same memory.",
            f"Write {old.wish} = {old.wish} + ..., or copy the array first.",
        )
