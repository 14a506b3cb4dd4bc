"""Derivative rules, each a backward function in the form that srcdiff emits."""
