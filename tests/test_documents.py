"""What the documents claim is generated, or run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def test_the_generated_parts_of_the_readme_are_fresh() -> None:
    run = subprocess.run(
        [sys.executable, ROOT / "docs" / "generate.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_readme_s_decorator_example_runs(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = text[text.index("## As a decorator") :]
    block = re.search(r"```python\n(.*?)```", section, re.DOTALL)
    assert block is not None
    path = tmp_path / "example.py"
    path.write_text(block[1], encoding="utf-8")
    namespace: dict[str, Any] = {"__name__": "example"}
    exec(compile(block[1], str(path), "exec"), namespace)
    assert namespace["dw"].shape == (2,)
    assert namespace["db"] != 0


def test_the_readme_begins_with_the_two_commands_that_ci_runs() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    assert len(blocks) >= 2
    assert all(block.count("\n") == 1 for block in blocks[:2])
    assert ".venv/bin/srcdiff samples/" in blocks[0]
    assert "pytest" in blocks[1]
