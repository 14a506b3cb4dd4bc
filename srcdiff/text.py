"""Derivations as a module's text: imports, helpers, companions."""

from __future__ import annotations

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from srcdiff.diagnostics import DerivationError, Refusal
from srcdiff.emit import Emitter
from srcdiff.pipeline import Derivation
from srcdiff.rules import registry
from srcdiff.rules.helpers import HELPERS
from srcdiff.syntax.layout import Piece, headed
from srcdiff.syntax.spelled import spelled
from srcdiff.syntax.vocabulary import Vocabulary

SUFFIXES = ("backward", "forward", "value_and_grad")


@dataclass(slots=True)
class Text:
    """The parts of an emitted module.

    Parameters
    ----------
    imports
        Import lines that the generated code needs and the user's module doesn't have.
    helpers
        Definitions of helper functions, each a text.
    companions
        Derived functions, each a text, with their names.
    known
        Helpers that have rules of their own, by the names that they have in the text.
    seen
        What rules of the user's that are taken along see of their modules.
    """

    imports: list[str] = field(default_factory=list)
    helpers: list[str] = field(default_factory=list)
    companions: dict[str, str] = field(default_factory=dict)
    known: dict[str, Callable[..., Any]] = field(default_factory=dict)
    seen: dict[str, Any] = field(default_factory=dict)

    def functions(self) -> list[str]:
        """Give all definitions, helpers first."""
        return [*self.helpers, *self.companions.values()]

    def leave_out(self, elsewhere: dict[str, str]) -> None:
        """Leave out the companions that stand elsewhere, each below its own function."""
        self.companions = {n: t for n, t in self.companions.items() if elsewhere.get(n) != t}


def emitted(
    derivations: Iterable[Derivation],
    vocabulary: Vocabulary,
    callers: Iterable[Derivation] = (),
) -> Text:
    """Write derivations, with the companions and helpers that they need.

    Parameters
    ----------
    callers
        Derivations that are written elsewhere, as methods, and need companions here.
    """
    text = Text()
    derivations = list(derivations)
    for caller in callers:
        for companion in caller.companions:
            vocabulary.reserve(f"{companion.function.name}_{suffix}" for suffix in SUFFIXES)
            _add(text, companion, vocabulary)
    for derivation in derivations:  # a rule that is taken along may be called the same
        for owner in (derivation, *derivation.companions):
            vocabulary.reserve(f"{owner.function.name}_{suffix}" for suffix in SUFFIXES)
    for derivation in derivations:
        for companion in derivation.companions:
            _add(text, companion, vocabulary)
        _add(text, derivation, vocabulary)
    text.helpers = helper_texts(vocabulary)
    text.imports = list(vocabulary.imports.values())
    own = set(HELPERS.values())
    text.known = {name: f for name, f in vocabulary.helpers.items() if f in own}
    for function in vocabulary.helpers.values():
        if not function.__module__.startswith("srcdiff."):  # a rule of the user's
            text.seen |= inspect.getclosurevars(function).globals
            text.seen |= inspect.getclosurevars(function).nonlocals
    return text


def _add(text: Text, derivation: Derivation, vocabulary: Vocabulary) -> None:
    emitter = Emitter(derivation, vocabulary)
    name = derivation.function.name
    match derivation.request.mode:
        case "joint" | "jvp" as mode:
            own = derivation.text_name
            written = "\n".join(emitter.joint() if mode == "joint" else emitter.pushed())
            if text.companions.setdefault(own, written) != written:
                raise _clash(derivation, own)
        case "value":
            text.companions[f"{name}_value_and_grad"] = "\n".join(emitter.valued())
        case "split":
            forward, backward = emitter.split()
            text.companions[f"{name}_forward"] = "\n".join(forward)
            text.companions[f"{name}_backward"] = "\n".join(backward)


def _clash(derivation: Derivation, name: str) -> DerivationError:
    """Give the error for two different functions of one name."""
    function = derivation.function
    source = function.source
    problems = source.problems()
    message = f"{name} is to be one function here, and another one where {function.name} is called."
    hint = "Derive them into files of their own, or leave wrt out."
    problems.add(Refusal("SD120", message, hint, function.name_span))
    return DerivationError(problems.found)


def helper_texts(vocabulary: Vocabulary) -> list[str]:
    """Give the definitions of the helpers that were used, those that they call first."""
    if not vocabulary.helpers:
        return []
    done: dict[str, str] = {}
    backwards = {id(rule.backward): rule for _, rule in registry.all_rules()}

    def add(name: str, function: Callable[..., Any]) -> None:
        if name in done:
            return
        source = textwrap.dedent(inspect.getsource(function))
        source = source[source.index("def ") :]
        if id(function) in backwards:
            source = _as_helper(source, backwards[id(function)])
        source = re.sub(r"  # type: ignore\[.*$", "", source, flags=re.MULTILINE)
        source = _with_builtins(_with_alias(source, vocabulary), vocabulary)
        for inner, helper in HELPERS.items():
            if re.search(rf"(?<!\.)\b{inner}\(", source) and helper is not function:
                used = vocabulary.helper(helper)
                add(used, helper)
                if used != inner:
                    source = re.sub(rf"(?<!\.)\b{inner}\(", f"{used}(", source)
        if name != function.__name__:
            source = re.sub(rf"(?<!\.)\b{function.__name__}\(", f"{name}(", source)
        done[name] = source.rstrip()

    for name, function in list(vocabulary.helpers.items()):
        add(name, function)
    return list(done.values())


def _as_helper(source: str, rule: registry.Rule) -> str:
    """Give a rule as a plain function whose first parameters are the upstream gradients."""
    texts = [name for name in registry.upstream_names(rule) if not registry.is_flat(name)]
    for parameter in registry.forward_parameters(rule):
        default = parameter.default
        given = default is not inspect.Parameter.empty
        star = "*" * (parameter.kind is inspect.Parameter.VAR_POSITIONAL)
        texts.append(f"{parameter.name}={spelled(default)}" if given else star + parameter.name)
    (definition,) = ast.parse(source).body
    assert isinstance(definition, ast.FunctionDef)
    body = source.splitlines(keepends=True)[definition.body[0].lineno - 1 :]
    head = headed(f"def {rule.backward.__name__}(", tuple(map(Piece, texts)), "):")
    return "\n".join(head) + "\n" + "".join(body)


ALIASES = {
    "np": "numpy",
    "math": "math",
    "special": "scipy.special",
    "linalg": "scipy.linalg",
}
"""How the rules' texts call modules."""


def _with_alias(source: str, vocabulary: Vocabulary) -> str:
    """Call the modules by the names that the emitted module has for them."""
    for usual, path in ALIASES.items():
        if re.search(rf"(?<![\w.]){usual}\.", source):
            name = vocabulary.module(path)
            if name != usual:
                source = re.sub(rf"(?<![\w.]){usual}\.", f"{name}.", source)
    return source


def _with_builtins(source: str, vocabulary: Vocabulary) -> str:
    """Call the builtins so that names of the user's don't come between."""
    for name in sorted(vocabulary.shadowed):
        call = rf"(?<![\w.]){name}(?=\()"
        if re.search(call, source):
            source = re.sub(call, f"{vocabulary.module('builtins')}.{name}", source)
    return source


USUAL_IMPORTS = {
    "np": "import numpy as np",
    **{name: f"import {name}" for name in ("math", "itertools", "functools", "operator")},
}
"""Where nothing of the module has these names, a function has imported them itself."""


def free_names(source: str) -> list[str]:
    """Give the names that a module's text reads and doesn't bind, in order of first use."""
    tree = ast.parse(source)
    found: dict[str, None] = {}
    defined: set[str] = set()
    for definition in tree.body:
        if isinstance(definition, (ast.Import, ast.ImportFrom)):
            defined |= {(a.asname or a.name).split(".")[0] for a in definition.names}
            continue
        if isinstance(definition, (ast.FunctionDef, ast.ClassDef)):
            defined.add(definition.name)
        bound: set[str] = set()
        read: list[ast.Name] = []
        for node in ast.walk(definition):
            if isinstance(node, ast.arg):
                bound.add(node.arg)
            elif isinstance(node, ast.Name):
                if isinstance(node.ctx, ast.Store):
                    bound.add(node.id)
                else:
                    read.append(node)
        for name in sorted(read, key=lambda n: (n.lineno, n.col_offset)):
            if name.id not in bound:
                found[name.id] = None
    return [name for name in found if name not in defined]


def sorted_imports(lines: Iterable[str]) -> list[str]:
    """Give import lines in the usual order, the standard library's first."""
    unique = sorted(set(lines), key=lambda line: (line.startswith("from"), line))
    roots = {line: re.split(r"[ .]", line)[1] for line in unique}
    standard = [line for line in unique if roots[line] in sys.stdlib_module_names]
    others = [line for line in unique if line not in standard]
    return [*standard, *([""] if standard and others else []), *others]


def constant_blocks(texts: list[str]) -> list[str]:
    """Give constants as blocks of lines, classes apart; the first has none, and may be empty."""
    found = [""]
    for text in texts:
        apart = text.startswith(("class ", "@"))
        if apart or found[-1].startswith(("class ", "@")):
            found.append(text)
        else:
            found[-1] += f"\n{text}" if found[-1] else text
    return found
