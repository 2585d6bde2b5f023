"""`python -m vcpd`."""

from .evals.cli import main

main()
