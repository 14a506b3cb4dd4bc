"""NumPy programs with loops, branches and writes in place, as their users would write them."""
