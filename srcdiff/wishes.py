"""What is asked for of a function: by its decorator, or on the command line."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst

from srcdiff.diagnostics import DerivationError, Diagnostic
from srcdiff.request import Mode
from srcdiff.syntax.splice import MARK

SPELLED: dict[Mode, str] = {"split": "split", "jvp": "forward"}
"""How the command line calls the modes that aren't the usual one."""


def mode_of(text: str) -> Mode:
    """Give the mode that the command line calls by a name."""
    return next((mode for mode, name in SPELLED.items() if name == text), "joint")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be derived of one function, as its decorator or the command line says."""

    wrt: tuple[str, ...] | str | None = None
    mode: Mode = "joint"
    outputs: tuple[str, ...] = ()

    def options(self) -> str:
        """Give the command-line options that ask for this."""
        names = (self.wrt,) if isinstance(self.wrt, str) else self.wrt
        texts = [f"--wrt {','.join(names)}"] if names else []
        texts += [f"--mode {SPELLED[self.mode]}"] if self.mode in SPELLED else []
        texts += [f"--outputs {','.join(self.outputs)}"] if self.outputs else []
        return " ".join(texts)

    @staticmethod
    def from_options(text: str) -> Wish:
        """Read what `options` gave."""
        wrt = re.search(r"--wrt (\S+)", text)
        names = tuple(wrt[1].split(",")) if wrt else ()
        asked_mode = re.search(r"--mode (\w+)", text)
        mode = mode_of(asked_mode[1] if asked_mode else "joint")
        asked = re.search(r"--outputs (\S+)", text)
        outputs = tuple(asked[1].rstrip(")").split(",")) if asked else ()
        return Wish(names[0] if len(names) == 1 else names or None, mode, outputs)


def wish_of(arguments: Sequence[cst.Arg]) -> Wish:
    """Read what a @derive_backward(...) asks for.

    Raises
    ------
    DerivationError
        It asks for something that can't be read, or that there isn't.
    """
    given: dict[str, object] = {}
    for argument in arguments:
        code = cst.Module([]).code_for_node(argument.value)
        name = argument.keyword.value if argument.keyword is not None else argument.star
        try:
            value = ast.literal_eval(code)
        except ValueError:
            raise _bad_mark(f"{name}={code}") from None
        names = value if isinstance(value, (tuple, list)) else (value,)
        texts = value is None or all(isinstance(text, str) for text in names)
        if (
            name not in ("wrt", "mode", "outputs")
            or not texts
            or (name == "mode" and value not in MODES)
        ):
            raise _bad_mark(f"{name}={code}")
        given[name] = tuple(value) if isinstance(value, list) else value
    mode: Mode = "split" if given.get("mode") == "split" else "joint"
    outputs = given.get("outputs") or ()
    asked = (outputs,) if isinstance(outputs, str) else outputs
    return Wish(given.get("wrt"), mode, asked)  # type: ignore[arg-type]  # checked above


MODES = ("joint", "split")


def _bad_mark(text: str) -> DerivationError:
    message = f"@derive_backward({text}) can't be read here."
    hint = 'It takes wrt="x" or wrt=("x", "y"), and mode="joint" or "split", written out.'
    return DerivationError([Diagnostic("SD117", message, hint)])


def header(name: str, wish: Wish) -> str:
    """Give the comment that marks the code derived from a function."""
    options = f" ({wish.options()})" if wish.options() else ""
    return f"{MARK}{name}{options}. Refresh with: srcdiff FILE --in-place"
