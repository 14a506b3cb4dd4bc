"""Arguments of the programs in language_programs, file by file under the same names."""

from __future__ import annotations

import importlib

from language_points.program import Program

KINDS = (
    "stencils",
    "solvers",
    "simulation",
    "networks",
    "learning",
    "dynamic",
    "finance",
    "control",
    "carried",
    "jumps",
    "containers",
    "arrays",
    "calls",
    "records",
    "objects",
    "structures",
    "dicts",
    "layers",
    "shared_memory",
)
PROGRAMS: dict[str, tuple[str, Program]] = {}
for kind in KINDS:
    for name, program in importlib.import_module(f"language_points.{kind}").POINTS.items():
        assert name not in PROGRAMS, name
        PROGRAMS[name] = (kind, program)
