"""Random programs that leave loops and functions anywhere: every law of the derivation at once.

Each program has loops with break, continue, else and return in whatever branch, indices that are
used before and after their loops, and values under tests: conditional expressions that guard what
can't be computed otherwise, in loops, lists and comprehensions. It is held to the laws of
`test_random_blocks`. At length: `python tests/test_random_jumps.py 2000`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from test_random_blocks import HEADER, STEP, Writer, held_to_laws, main

GUARDED = [
    "u[{i} + 1] * {0} if 0 <= {i} < 3 else 0.0",
    "{0} / ({1} - 0.4) if {1} > 0.5 else {0}",
    "math.sqrt({0}) * {1} if {0} > 0 else 0.0",
    "max({0}, 0.0)",
    "0.0 if {0} < {1} else math.log({0} - {1} + 1) * {0}",
    "{0} * {1} if {0} > 0.2 else ({1} if {1} > 0 else 0.0)",
]


class JumpWriter(Writer):
    """Writes one random function of two numbers and an array of four, full of jumps."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.left += 4
        self.depth = 0

    def guarded(self) -> str:
        form = self.draw.choice(GUARDED)
        return form.format(self.number(), self.number(), i=self.draw.choice("ik"))

    def statement(self, indent: str, depth: int) -> None:
        kind = self.draw.random()
        if kind < 0.12:
            name = self.draw.choice(self.names)
            sign = self.draw.choice(["=", "+=", "-="])
            self.lines.append(f"{indent}{name} {sign} {self.guarded()}")
        elif kind < 0.2:
            self.lines.append(f"{indent}hs.append({self.guarded()})")
        elif kind < 0.24:
            form = self.draw.choice(["max(t, 0.0)", "t * a if t > b else 0.0", "abs(t)"])
            self.lines.append(f"{indent}hs = [{form} for t in u]")
        elif kind < 0.3:
            name, index = self.draw.choice(self.names), self.draw.choice("ik")
            self.lines.append(f"{indent}{name} = {name} * (0.4 + 0.2 * {index})")
        else:
            super().statement(indent, depth)

    def jump(self, indent: str) -> list[str]:
        """Give a jump, if one is to be had here."""
        chance = self.draw.random()
        if chance < 0.3:
            return [f"{indent}return {self.value()}"]
        if self.loops and chance < 0.8:
            return [indent + self.draw.choice(["break", "continue"])]
        return []

    def branch(self, head: str, indent: str, depth: int) -> None:
        self.lines.append(indent + head)
        if self.draw.random() < 0.7:
            self.block(indent + STEP, depth + 1)
        else:
            self.lines.append(f"{indent}{STEP}{self.draw.choice(self.names)} *= 0.9")
        if self.draw.random() < 0.45:
            self.lines += self.jump(indent + STEP)

    def compound(self, indent: str, depth: int) -> None:
        if self.draw.random() < 0.55:
            self.branch(f"if {self.test()}:", indent, depth)
            if self.draw.random() < 0.3:
                self.branch(f"elif {self.test()}:", indent, depth)
            if self.draw.random() < 0.6:
                self.branch("else:", indent, depth)
            return
        before = self.loops
        head = ["for i in range(3):", "for k in range(2):", "for i in range(3, 0, -1):"]
        head += ["for t in u[:3]:", "for k, t in enumerate(u):", "for i in range(0):"]
        if before == 0 and self.draw.random() < 0.25:
            self.lines += [f"{indent}n = 0", f"{indent}while n < 3:", f"{indent}{STEP}n += 1"]
        else:
            self.lines.append(indent + self.draw.choice(head))
        self.loops = before + 1
        self.block(indent + STEP, depth + 1)
        if self.draw.random() < 0.5:
            self.branch(f"if {self.test()}:", indent + STEP, depth + 1)
        self.loops = before
        if self.draw.random() < 0.45:
            self.branch("else:", indent, depth)

    def text(self) -> str:
        self.block(STEP, 0)
        self.lines.append(f"{STEP}for h in hs:\n{STEP * 2}a = a + h * b")
        self.lines.append(f"{STEP}return a * b + np.sum(u * v) + i * a + k")
        said = self.draw.choice(["a: float, b: float, x: np.ndarray", "a, b, x"])
        head = f"def f({said}):\n{STEP}u = x.copy()\n{STEP}v = x * a\n"
        given = "i, k = 1, 2" if self.draw.random() < 0.7 else "for i in range(3):\n        k = i"
        head += f"{STEP}{given}\n{STEP}hs = [a * b, b * b]\n"
        return HEADER + head + "\n".join(self.lines) + "\n"


def check(seed: int, folder: Path) -> str:
    """Hold one program to the laws; say whether it was checked, refused or passed over."""
    return held_to_laws(JumpWriter(seed).text(), seed, folder)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("block", range(3))
def test_random_jumps_keep_the_laws(block: int, tmp_path: Path) -> None:
    results = [check(seed, tmp_path) for seed in range(25 * block, 25 * block + 25)]
    assert results.count("checked") >= 12


if __name__ == "__main__":
    sys.exit(main(check))
