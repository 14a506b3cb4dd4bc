"""Derived code put into a file's tree, and taken out again; all else stays byte for byte."""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

MARK = "# srcdiff: derived from "


def block_owner(node: cst.CSTNode) -> str:
    """Give the function from which a block of derived code starting here was derived."""
    for line in getattr(node, "leading_lines", ()):
        if line.comment is not None and line.comment.value.startswith(MARK):
            return str(line.comment.value[len(MARK) :].split()[0].rstrip("."))
    return ""


def derived_names(module: cst.Module) -> set[str]:
    """Give the names of the functions that stand in blocks of derived code."""
    found: set[str] = set()
    owner = ""
    for node in module.body:
        owner = block_owner(node) or owner
        if owner and isinstance(node, cst.FunctionDef):
            found.add(node.name.value)
            if node.name.value == f"{owner}_backward":
                owner = ""
    return found


def without_blocks(module: cst.Module) -> cst.Module:
    """Give a module without the blocks of derived code."""
    kept: list[cst.BaseStatement | cst.SimpleStatementLine] = []
    owner = ""
    for node in module.body:
        owner = owner or block_owner(node)
        if not owner:
            kept.append(node)
        elif isinstance(node, cst.FunctionDef) and node.name.value == f"{owner}_backward":
            owner = ""
    return module.with_changes(body=kept)


def with_blocks(module: cst.Module, blocks: dict[str, str], header: Callable[[str], str]) -> cst.Module:
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
        if isinstance(node, cst.FunctionDef) and node.name.value in blocks:
            name = node.name.value
            text = f"\n\n{header(name)}\n{blocks[name]}\n"
            parsed = cst.parse_module(text, config=_config(module))
            first, *rest = parsed.body
            lead = (*parsed.header, *first.leading_lines)  # type: ignore[union-attr]  # statements
            body += [first.with_changes(leading_lines=lead), *rest]
    last = body[-1] if body else None
    ends = module.has_trailing_newline or last is not (module.body[-1] if module.body else None)
    return module.with_changes(body=body, has_trailing_newline=ends)


def _config(module: cst.Module) -> cst.PartialParserConfig:
    return cst.PartialParserConfig(default_newline=module.default_newline)
