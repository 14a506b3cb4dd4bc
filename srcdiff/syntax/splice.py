"""Derived code put into a file's tree, and taken out again; all else stays byte for byte."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

import libcst as cst

from srcdiff.syntax.positions import parse

MARK = "# srcdiff: derived from "
COPIED = "# srcdiff: copied from another module"
MADE = "# srcdiff: from inside the function"


def block_owner(node: cst.CSTNode) -> str:
    """Give the function from which a block of derived code starting here was derived."""
    return _marked(node)[0]


def _marked(node: cst.CSTNode) -> tuple[str, str]:
    """Give the function and the options that the comment above a node tells."""
    for line in getattr(node, "leading_lines", ()):
        if line.comment is not None and line.comment.value.startswith(MARK):
            told = line.comment.value[len(MARK) :]
            name = re.match(r"\w+", told)
            options = re.match(r"\w+ \(([^)]*)\)", told)
            return name[0] if name else "", options[1] if options else ""
    return "", ""


def _is_generated(node: cst.CSTNode, helpers: Collection[str]) -> bool:
    """Whether a node inside a block is srcdiff's and not the user's."""
    lines = getattr(node, "leading_lines", ())
    if any(line.comment is not None and line.comment.value in (COPIED, MADE) for line in lines):
        return True
    if isinstance(node, cst.SimpleStatementLine):
        return all(isinstance(small, cst.Import) for small in node.body)
    if not isinstance(node, cst.FunctionDef):
        return False
    name = node.name.value.rstrip("_")
    return name in helpers or name.endswith(("_backward", "_forward"))


def block_indices(module: cst.Module, helpers: Collection[str]) -> set[int]:
    """Give the places of the nodes that stand in blocks of derived code.

    A block ends with its function's companion. Below a class, which keeps its companion inside,
    each helper is a block. What the user put between, or left behind, doesn't belong to it.
    """
    body = module.body
    classes = {n.name.value for n in body if isinstance(n, cst.ClassDef)}
    found: set[int] = set()
    for start, node in enumerate(body):
        owner = block_owner(node)
        if not owner:
            continue
        found.add(start)
        if owner in classes:
            continue
        companion = f"{owner}_backward"
        end = start
        while end < len(body) and not (end > start and block_owner(body[end])):
            inner = body[end]
            if isinstance(inner, cst.FunctionDef) and inner.name.value == companion:
                break
            end += 1
        else:
            end = start
        found |= {i for i in range(start, end + 1) if _is_generated(body[i], helpers)}
    return found


def derived_lines(text: str, helpers: Collection[str]) -> set[int]:
    """Give the lines of a text that are derived code, if the text can be parsed."""
    if MARK not in text:
        return set()
    try:
        positions = parse(text)
    except (cst.ParserSyntaxError, RecursionError):
        return set()
    body = positions.module.body
    spans = [positions.span(body[i]) for i in block_indices(positions.module, helpers)]
    return {line for span in spans for line in range(span.line, span.end_line + 1)}


def block_options(module: cst.Module) -> dict[str, str]:
    """Give the functions with blocks of derived code, with the options told there."""
    return dict(_marked(node) for node in module.body if block_owner(node))


def without_blocks(module: cst.Module, helpers: Collection[str]) -> cst.Module:
    """Give a module without the blocks of derived code; comments of the user's stay."""
    dropped = block_indices(module, helpers)
    if not dropped:
        return module
    kept: list[cst.BaseStatement | cst.SimpleStatementLine] = []
    pending: list[cst.EmptyLine] = []
    for index, node in enumerate(module.body):
        if index in dropped:
            pending += _users_comments(node)
        elif pending:
            lines = (*pending, *getattr(node, "leading_lines", ()))
            kept.append(node.with_changes(leading_lines=lines))
            pending = []
        else:
            kept.append(node)
    return module.with_changes(body=kept, footer=(*pending, *module.footer))


def _users_comments(node: cst.CSTNode) -> list[cst.EmptyLine]:
    """Give the lines above a node of a block that aren't srcdiff's."""
    lines = list(getattr(node, "leading_lines", ()))
    others = [
        line
        for line in lines
        if line.comment is not None and not line.comment.value.startswith((MARK, COPIED, MADE))
    ]
    return [cst.EmptyLine(indent=False), *others] if others else []


def with_class(module: cst.Module, name: str, text: str) -> cst.Module:
    """Put another text in the place of a class."""
    body: list[cst.BaseStatement | cst.SimpleStatementLine] = []
    for node in module.body:
        if isinstance(node, cst.ClassDef) and node.name.value == name:
            parsed = cst.parse_module(text.rstrip() + "\n", config=_config(module))
            new = parsed.body[0].with_changes(
                leading_lines=node.leading_lines,
                decorators=node.decorators,
                lines_after_decorators=node.lines_after_decorators,
            )
            body.append(new)
        else:
            body.append(node)
    return module.with_changes(body=body)


def with_blocks(
    module: cst.Module, blocks: dict[str, str], header: Callable[[str], str]
) -> cst.Module:
    """Put each function's derived code right below it.

    Parameters
    ----------
    module
        Without such blocks.
    blocks
        Texts by the name of the function.
    header
        Gives the comment that marks a function's block.
    """
    body: list[cst.BaseStatement | cst.SimpleStatementLine] = []
    for node in module.body:
        body.append(node)
        if isinstance(node, (cst.FunctionDef, cst.ClassDef)) and node.name.value in blocks:
            name = node.name.value
            text = f"\n\n{header(name)}\n{blocks[name]}\n"
            parsed = cst.parse_module(text, config=_config(module))
            first, *rest = parsed.body
            lead = (*parsed.header, *first.leading_lines)
            body += [first.with_changes(leading_lines=lead), *rest]
    last = body[-1] if body else None
    ends = module.has_trailing_newline or last is not (module.body[-1] if module.body else None)
    return module.with_changes(body=body, has_trailing_newline=ends)


def _config(module: cst.Module) -> cst.PartialParserConfig:
    return cst.PartialParserConfig(default_newline=module.default_newline)


class _Annotations(cst.CSTTransformer):
    """Drops the annotations that need an import of their own.

    A field of a decorated class, which a dataclass makes of its annotation, keeps `object`.
    """

    def __init__(self, kept: Callable[[str], bool]) -> None:
        super().__init__()
        self.kept = kept
        self.fields = [False]

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self.fields.append(bool(node.decorators))

    def leave_ClassDef(
        self, original_node: cst.ClassDef, updated_node: cst.ClassDef
    ) -> cst.ClassDef:
        self.fields.pop()
        return updated_node

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self.fields.append(False)

    def _keeps(self, node: cst.Annotation | None) -> bool:
        return node is None or self.kept(cst.Module([]).code_for_node(node.annotation))

    def leave_Param(self, original_node: cst.Param, updated_node: cst.Param) -> cst.Param:
        if self._keeps(original_node.annotation):
            return updated_node
        return updated_node.with_changes(annotation=None)

    def leave_FunctionDef(
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef:
        self.fields.pop()
        if self._keeps(original_node.returns):
            return updated_node
        return updated_node.with_changes(returns=None)

    def leave_AnnAssign(
        self, original_node: cst.AnnAssign, updated_node: cst.AnnAssign
    ) -> cst.BaseSmallStatement | cst.RemovalSentinel:
        if self._keeps(original_node.annotation):
            return updated_node
        if self.fields[-1]:
            plain = original_node.annotation.with_changes(annotation=cst.Name("object"))
            return updated_node.with_changes(annotation=plain)
        if updated_node.value is None:
            return cst.RemoveFromParent()
        return cst.Assign([cst.AssignTarget(updated_node.target)], updated_node.value)


def with_plain_annotations(text: str, kept: Callable[[str], bool]) -> str:
    """Give a definition's text without the annotations that need an import of their own."""
    module = cst.parse_module(text.rstrip() + "\n")
    changed = module.visit(_Annotations(kept))
    return changed.code.rstrip()


def plain_function(module: cst.Module, node: cst.FunctionDef, kept: Callable[[str], bool]) -> str:
    """Give a function's text without decorators and annotations that need an import."""
    plain = node.with_changes(decorators=(), leading_lines=(), lines_after_decorators=())
    return with_plain_annotations(module.code_for_node(plain), kept)
