"""The command line. Heavy libraries load only in the command that needs them; errors become exit codes."""

import errno
import sys
import traceback
from importlib import import_module

import click

from .. import __version__

EXIT_USAGE, EXIT_UNREACHABLE, EXIT_INTERNAL, EXIT_INTERRUPTED = 64, 69, 70, 130
_PACKAGE = __name__.rpartition(".")[0]
_OF_THE_DISK = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EMFILE})
_COMMANDS = {
    "run": "Benchmark models on domain packs: p, C_v, Q and VCpD with intervals.",
    "score": "Score recorded answers, or a run again with people's labels; no model is called.",
    "plan": "Before spending: dollars, time, samples and labels that a run and a claim need.",
    "report": "The risk review of runs, to read, print and sign: may it ship, per domain, and why.",
    "verify": "Check one answer against its sources, or measure a verifier against human labels.",
    "review": "People in the loop: label answers of a run on a local page, offline or in another tool.",
    "domain": "Start a domain pack of your own, check one, or list packs and published benchmarks.",
    "index": "Index a folder of documents for search under a source policy.",
    "search": "Search an index, under a source policy.",
    "prices": "Public API prices and CPM: Table 1 and Figure 1 of the field note.",
    "frontier": "The cheapest model at each quality: of your runs, or of public models (Figure 2 of the field note).",
    "decompose": "Why VCpD changed between two runs; what four factors explain of a fall in price (section 2.4).",
    "loss": "What an escaped error must cost before verifying in the loop pays: VCpD_L over L, and L*.",
    "throughput": "T at the SLO: tokens per second at the highest load whose latencies hold.",
    "thresholds": "From which confidence on answers may go out unseen, with a guarantee (Learn-then-Test).",
    "gate": "May this change ship: PASS, FAIL or INCONCLUSIVE, against a baseline or the limits of the pack.",
    "explain": "How a measure is defined: formula, when undefined, interval, source, an example.",
}


class _Lazy(click.Group):
    """A group whose commands are imported when they are called, so that --help stays fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"{_PACKAGE}.cli_{cmd_name}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="vcpd")
def cli() -> None:
    """What a verified answer costs, and whether this model may ship.

    Start with `vcpd run`: three domain packs and two local models, offline, in under a minute.
    """


def main() -> None:
    """Run the command line and exit: 0 done, 64 usage or configuration, 69 model unreachable, 70 internal."""
    sys.exit(run_cli(sys.argv[1:]))


def run_cli(arguments: list[str]) -> int:
    """Run the command line with `arguments` and return the exit code; messages go to stderr."""
    try:
        code = cli.main(arguments, prog_name="vcpd", standalone_mode=False)
    except click.UsageError as error:
        error.show()
        return EXIT_USAGE
    except (click.Abort, KeyboardInterrupt):
        kept = "; what was finished is kept, the same command goes on" if arguments[:1] == ["index"] else ""
        return _say(f"interrupted{kept}", EXIT_INTERRUPTED)
    except click.ClickException as error:
        return _say(error.format_message(), EXIT_USAGE)
    except Exception as error:
        return _failed(error)
    return code if isinstance(code, int) else 0


def _failed(error: Exception) -> int:
    """Our own errors are sentences for the user; anything else is ours to mend."""
    ours = type(error).__module__.startswith(_PACKAGE.rpartition(".")[0] + ".")
    if ours and isinstance(error, ValueError | KeyError):
        return _say(str(error), EXIT_USAGE)
    if ours and isinstance(error, RuntimeError):
        return _say(str(error), EXIT_UNREACHABLE)
    if isinstance(error, OSError) and error.filename:
        return _say(f"{error.filename}: {error.strerror or error}", EXIT_USAGE)
    if isinstance(error, OSError) and error.errno in _OF_THE_DISK:
        return _say(str(error), EXIT_USAGE)
    traceback.print_exception(error)
    return _say("internal error: please report it with the lines above", EXIT_INTERNAL)


def _say(message: str, code: int) -> int:
    click.echo(f"vcpd: {message}", err=True)
    return code
