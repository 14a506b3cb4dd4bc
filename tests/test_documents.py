"""What the documents claim is generated, or run."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent


def test_the_generated_parts_of_the_readme_are_fresh() -> None:
    run = subprocess.run(
        [sys.executable, ROOT / "docs" / "generate.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_no_public_function_is_missing_from_the_page_of_functions() -> None:
    path = ROOT / "docs" / "make_functions.py"
    spec = importlib.util.spec_from_file_location("make_functions", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.registry.load()
    page = (ROOT / "docs" / "functions.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `([\w.]+)` \|", page, re.MULTILINE))
    assert [name for _, name, _ in module.rows() if name not in listed] == []


def run_example(section: str, tmp_path: Path) -> dict[str, Any]:
    """Run a section's example as a file; give its names."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"```python\n(.*?)```", text[text.index(section) :], re.DOTALL)
    assert block is not None
    path = tmp_path / "example.py"
    path.write_text(block[1], encoding="utf-8")
    namespace: dict[str, Any] = {"__name__": "example"}
    exec(compile(block[1], str(path), "exec"), namespace)
    return namespace


def test_the_readme_s_decorator_example_runs(tmp_path: Path) -> None:
    namespace = run_example("## As a decorator", tmp_path)
    assert namespace["dw"].shape == (2,)
    assert namespace["db"] != 0


def test_the_readme_s_transforms_run(tmp_path: Path) -> None:
    namespace = run_example("## As transforms", tmp_path)
    x = namespace["x"]
    np.testing.assert_allclose(namespace["g"], np.sin(x) + x * np.cos(x))
    np.testing.assert_allclose(namespace["H"], np.diag(2 * np.cos(x) - x * np.sin(x)), atol=1e-14)
    np.testing.assert_allclose(namespace["Hv"], namespace["H"] @ x)
    np.testing.assert_allclose(namespace["change"], namespace["g"] @ x)


def test_the_readme_begins_with_the_two_commands_that_ci_runs() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    assert len(blocks) >= 2
    assert all(block.count("\n") == 1 for block in blocks[:2])
    assert ".venv/bin/srcdiff samples/" in blocks[0]
    assert "pytest" in blocks[1]
