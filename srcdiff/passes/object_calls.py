"""Calls of an object's `forward`, differentiated by its `backward`.

Takes such a call. Gives the call of `backward`, and whose gradients it returns. Refuses other
methods, and what would overwrite the values that the object keeps for its backward pass.
"""

from __future__ import annotations

from collections.abc import Mapping

from srcdiff.diagnostics import Refusal
from srcdiff.ir.nodes import Call, Const, Expression, Forward, Member, Read, Variable
from srcdiff.passes.inner import Part, one_of_each
from srcdiff.passes.reverse import Reverser
from srcdiff.rules.records import gradients_of


class ObjectCalls:
    """The calls of objects' methods in one derivation.

    Parameters
    ----------
    parts
        What is known of the objects that self has, by their attributes.
    """

    def __init__(self, parts: Mapping[str, Part]) -> None:
        self.parts = parts
        self.called: dict[Variable, Call] = {}

    def backward(
        self, reverser: Reverser, node: Call, upstream: Expression
    ) -> tuple[list[Expression | None], Call]:
        """Give the operands of `self.layer.forward(x)`, and the call that gives their gradients."""
        receiver, *arguments = node.arguments
        known = self._part(receiver)
        if isinstance(receiver, Read) and receiver.variable.role == "object":
            raise Refusal(
                "SD103",
                f"the method {node.function.name} isn't defined in the class, nor in one above "
                "whose text is known.",
                "Define it there, or make it a function.",
                node.span,
            )
        if node.function.name != "forward" or not (known or (arguments and not node.keywords)):
            raise Refusal(
                "SD103",
                f"the method {node.function.name} of an object can't be differentiated.",
                "Objects whose forward method is called with plain arguments can.",
                node.span,
            )
        self._check_alone(reverser, node, receiver)
        if isinstance(receiver, Read):
            other = self.called.get(receiver.variable)
            if other is not None and other is not node:  # a loop's body is looked at again
                spans = [s for s in (other.span, node.span) if s is not None]
                raise Refusal(
                    "SD111",
                    f"{receiver.variable.wish}.forward is called twice; "
                    "what it keeps for its backward would be overwritten.",
                    "Use one object for each call.",
                    max(spans, key=lambda span: span.start),
                )
            self.called[receiver.variable] = node
        call = Call(
            Member("backward"),
            (Forward(receiver), reverser.simplifier.simplify(upstream)),
            (),
            "method",
        )
        operands: list[Expression | None] = [*arguments]
        if known is not None:
            given = dict(zip(known.parameters, arguments, strict=False)) | dict(node.keywords)
            operands = [given.get(name) for name in known.wanted]
        elif len(arguments) > 1:
            call = Call(gradients_of, (call, Const(len(arguments))))
        return operands, call

    def _part(self, receiver: Expression) -> Part | None:
        """Give what is known of an object."""
        if isinstance(receiver, Read) and receiver.variable.role == "attribute":
            return self.parts.get(receiver.variable.wish)
        return None

    def _check_alone(self, reverser: Reverser, node: Call, receiver: Expression) -> None:
        """Refuse an object whose forward a loop may call more than once.

        In a loop over a list of objects, each is called once, if they are distinct; the emitted
        code checks that.
        """
        loops = reverser.loops()
        if not loops:
            return
        definitions = {b.variable: b.value for s in reverser.function.statements for b in s.binds}
        owner = one_of_each(receiver, loops[-1], definitions)
        if owner is None or len(loops) > 1:
            raise Refusal(
                "SD111",
                "an object's forward is called in a loop; what it keeps for its backward would "
                "be overwritten.",
                "Loop over a list of objects, one for each call: for layer in self.layers.",
                node.span,
            )
        if self.called.setdefault(owner, node) is not node:
            raise Refusal(
                "SD111",
                f"objects of {owner.wish} are called twice; what they keep for their backward "
                "would be overwritten.",
                "Use one object for each call.",
                node.span,
            )
