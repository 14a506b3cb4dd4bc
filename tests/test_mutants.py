"""Mistakes planted in rules are found by the rules' own tests; `mutants.py` looks at all rules."""

from __future__ import annotations

import mutants
import pytest

SOME = ["multiply_backward", "mean_backward", "outer_backward", "roll_backward"]


@pytest.mark.parametrize("name", SOME)
def test_every_mistake_planted_in_a_rule_is_found(name: str) -> None:
    found = [mutants.problems_of(*target) for target in mutants.targets([name])]
    assert sum(count for count, _ in found) > 0
    assert [problem for _, problems in found for problem in problems] == []
