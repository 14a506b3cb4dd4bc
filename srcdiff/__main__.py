"""`python -m srcdiff` is `srcdiff`."""

from srcdiff.cli import main

main()
