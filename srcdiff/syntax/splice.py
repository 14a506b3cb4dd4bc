"""Derived code put into a file's tree, and taken out again; all else stays byte for byte."""

from __future__ import annotations

import re
from collections.abc import Callable

import libcst as cst

MARK = "# srcdiff: derived from "


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


def _ends(node: cst.CSTNode, owner: str) -> bool:
    """Whether a node is the last one of a block."""
    return isinstance(node, cst.FunctionDef) and node.name.value == f"{owner}_backward"


def _block_lengths(module: cst.Module) -> dict[int, tuple[str, int]]:
    """Give the blocks: where each starts, its function, and how many nodes it has.

    A block ends with the function's companion; below a class, which keeps its companion inside,
    each helper is a block.
    """
    body = module.body
    classes = {n.name.value for n in body if isinstance(n, cst.ClassDef)}
    found: dict[int, tuple[str, int]] = {}
    for start, node in enumerate(body):
        owner = block_owner(node)
        if not owner:
            continue
        end = start
        while end + 1 < len(body) and not _ends(body[end], owner):
            end += 1
        if owner in classes:
            end = start
        found[start] = (owner, end - start + 1)
    return found


def block_options(module: cst.Module) -> dict[str, str]:
    """Give the functions with blocks of derived code, with the options told there."""
    return dict(_marked(node) for node in module.body if block_owner(node))


def derived_names(module: cst.Module) -> set[str]:
    """Give the names of the functions that stand in blocks of derived code."""
    found: set[str] = set()
    for start, (_, length) in _block_lengths(module).items():
        for node in module.body[start : start + length]:
            if isinstance(node, cst.FunctionDef):
                found.add(node.name.value)
    return found


def without_blocks(module: cst.Module) -> cst.Module:
    """Give a module without the blocks of derived code."""
    dropped = {
        index
        for start, (_, length) in _block_lengths(module).items()
        for index in range(start, start + length)
    }
    kept = [node for index, node in enumerate(module.body) if index not in dropped]
    return module.with_changes(body=kept)


def with_class(module: cst.Module, name: str, text: str) -> cst.Module:
    """Put another text in the place of a class."""
    body: list[cst.BaseStatement | cst.SimpleStatementLine] = []
    for node in module.body:
        if isinstance(node, cst.ClassDef) and node.name.value == name:
            parsed = cst.parse_module(text.rstrip() + "\n", config=_config(module))
            new = parsed.body[0].with_changes(leading_lines=node.leading_lines)
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
