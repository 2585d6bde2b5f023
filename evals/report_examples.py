"""Makes the risk reviews in reports/examples: python -m vcpd.evals.report_examples [FOLDER].

Each is a run of a bundled pack with the bundled local models, and the report on it; nothing else goes in. Seconds and
what is priced by the second differ from machine to machine, the answers and their verdicts do not.
"""

import os
import sys
import tempfile
from pathlib import Path

from .cli import run_cli

EXAMPLES = ("legal", "medical")
_HERE = Path(__file__).resolve().parents[1] / "reports" / "examples"


class ExampleError(RuntimeError):
    """A step of the recipe failed; the message says which."""


def recipe(domain: str) -> list[list[str]]:
    """The commands, as a user would give them in an empty folder; they leave `risk_review_<domain>.html` there."""
    run, page = f"runs/{domain}", f"risk_review_{domain}.html"
    return [
        ["run", "--domain", domain, "--out", run, "--quiet"],
        ["report", run, "--out", page, "--worst", "3", "--quiet"],
    ]


def example(domain: str) -> str:
    """The page of one domain, made in a folder of its own.

    Raises:
        ExampleError: A command did not end with 0.
    """
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            for arguments in recipe(domain):
                if run_cli(arguments) != 0:
                    raise ExampleError(f"vcpd {' '.join(arguments)} failed")
            return Path(f"risk_review_{domain}.html").read_text(encoding="utf-8")
        finally:
            os.chdir(before)


def main(folder: Path = _HERE) -> None:
    """Write all examples into `folder`."""
    for domain in EXAMPLES:
        (folder / f"risk_review_{domain}.html").write_text(example(domain), encoding="utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
