"""`vcpd gate`."""

import json
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .cli_gate_options import gate_options
from .cli_options import reading_of

if TYPE_CHECKING:
    from ..reports.gate_view import GateView
    from ..scoring.power import PairedTest
    from .gate import GateOptions


@click.command()
@gate_options
def gate(baseline: str | None, candidate: str, as_json: bool, quiet: bool, **options: Any) -> int:
    """May this change ship? PASS (exit 0), FAIL (1) or INCONCLUSIVE (3), with the reason and what would settle it.

    With a baseline: paired non-inferiority per domain on the same samples; p blocks, with right answers and
    abstentions guarded beside it. Without one: the launch limits of the packs. No model is called.
    """
    from ..scoring.power import PairedTest
    from .gate_baseline import run_folder_at, update_baseline
    from .gate_report import exit_code, write_reports

    test, reading = PairedTest(options["alpha"]), reading_of(options)
    with ExitStack() as stack:
        new = stack.enter_context(run_folder_at(candidate, reading))
        if baseline is None:
            view, data = _launch(new, candidate, test, options)
        else:
            old = stack.enter_context(run_folder_at(baseline, reading))
            anchor = options["anchor"] and stack.enter_context(run_folder_at(options["anchor"], reading))
            view, data = _compare(old, new, (baseline, candidate), _options(options, test, anchor), options)
        code = exit_code(view.decision, options["on_inconclusive"])
        data["exit_code"] = code
        written = write_reports(view, data, options)
        _print(view, data, as_json=as_json, quiet=quiet)
        if options["update_baseline"] and baseline is not None:
            said = "the baseline stays as it is: only a PASS replaces it"
            click.echo(update_baseline(baseline, new) if view.decision.verdict == "PASS" else said, err=True)
    if written and not quiet:
        click.echo(f"written: {', '.join(map(str, written))}", err=True)
    return code


def _launch(new: Path, name: str, test: "PairedTest", options: dict[str, Any]) -> "tuple[GateView, dict[str, Any]]":
    from ..reports.gate_json import gate_json
    from .gate_launch import launch
    from .gate_report import launch_view

    for option in ("anchor", "confirms", "aa", "update_baseline", "declare_rerun"):
        if options[option]:
            raise click.UsageError(f"--{option.replace('_', '-')} compares runs: give --baseline RUN, too")
    decision, run = launch(
        new,
        test,
        domains=options["domains"],
        packs=options["packs"],
        prices=options["prices"],
        model=options["candidate_model"],
    )
    view = replace(launch_view(decision, name, run.manifest), inconclusive=options["on_inconclusive"])
    return view, gate_json(view)


def _compare(
    old: Path, new: Path, names: tuple[str, str], settings: "GateOptions", options: dict[str, Any]
) -> "tuple[GateView, dict[str, Any]]":
    from ..reports.gate_json import gate_json
    from .gate import aa, gate
    from .gate_anchors import anchor_drift, check_drift
    from .gate_report import runs_of, view_of
    from .gate_rerun import check_rerun

    drift = anchor_drift(*options["judge_anchors"]) if options["judge_anchors"] else []
    check_drift(drift, settings.test.alpha)
    result = gate(old, new, settings)
    if options["confirms"]:
        check_rerun(options["confirms"], result.baseline, result.candidate)
    view = replace(
        view_of(result, names),
        inconclusive=options["on_inconclusive"],
        drift=tuple(drift),
        aa=aa(result, settings, options["aa"], options["seed"] or 0) if options["aa"] else None,
        rerun_declared=options["declare_rerun"],
        confirms=str(options["confirms"] or ""),
    )
    return view, gate_json(view, runs_of(result.baseline, result.candidate))


def _options(options: dict[str, Any], test: "PairedTest", anchor: Path | None) -> "GateOptions":
    from .gate import GateOptions
    from .gate_margins import read_margins
    from .gate_pairs import PairOptions

    return GateOptions(
        primaries=options["primaries"] or ("p",),
        margins=read_margins(options["margins"]),
        pairing=PairOptions(
            domains=options["domains"],
            models=(options["baseline_model"], options["candidate_model"]),
            common=options["common_samples"],
            max_unscored=options["max_unscored"],
            changed=options["changed"],
            ignore_labels=options["ignore_labels"],
        ),
        anchor=anchor,
        anchor_factor=options["anchor_factor"],
        prices=options["prices"],
        price_tier=options["price_tier"],
        rerun=options["declare_rerun"] or bool(options["confirms"]),
        test=test,
    )


def _print(view: "GateView", data: dict[str, Any], *, as_json: bool, quiet: bool) -> None:
    if as_json:
        click.echo(json.dumps(data, allow_nan=False))
    elif not quiet:
        from ..reports.gate_tables import print_gate

        print_gate(view)
