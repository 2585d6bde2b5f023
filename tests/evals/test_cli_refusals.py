"""What a stranger types wrong is refused in a sentence: no number, and never an internal error."""

import errno
import os
from pathlib import Path

import click
import pytest
from vcpd.evals.cli import cli, run_cli
from vcpd.evals.cli_numbers import FiniteRange
from vcpd.evals.run_folder import write_table


def commands(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], click.Command]]:
    """Every command with the words that call it."""
    found: list[tuple[tuple[str, ...], click.Command]] = []
    with click.Context(group) as context:
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None
            found.append(((*path, name), command))
            if isinstance(command, click.Group):
                found += commands(command, (*path, name))
    return found


def test_no_number_on_the_command_line_may_be_nan_or_infinite() -> None:
    loose = [
        (path, option.name)
        for path, command in commands(cli)
        for option in command.params
        if isinstance(option.type, click.types.FloatParamType) and not isinstance(option.type, FiniteRange)
    ]
    assert loose == []


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
@pytest.mark.parametrize(
    "arguments",
    [["gate", "--candidate", "x", "--alpha"], ["plan", "--half-width"], ["run", "--max-cost"], ["loss", "run", "--at"]],
)
def test_such_numbers_are_refused(arguments: list[str], value: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli([*arguments, value]) == 64
    assert f"{value} is not a finite number" in capsys.readouterr().err


def test_the_short_help_of_a_command_is_not_cut() -> None:
    for path, command in commands(cli):
        assert not command.get_short_help_str(60 if len(path) > 1 else 1000).endswith("..."), path


def test_a_folder_that_may_not_be_written_is_no_internal_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("vcpd.evals.pack_init.init_pack", full)
    assert run_cli(["domain", "init", "tax", "--out", str(tmp_path / "tax")]) == 64
    assert "No space left on device" in capsys.readouterr().err
    (tmp_path / "taken").write_text("")
    with pytest.raises(OSError) as caught:
        write_table(tmp_path / "taken" / "records.parquet", [{"a": 1}])
    assert caught.value.filename


def test_a_margin_of_no_domain_or_measure_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "".join(
        f'{{"sample_id": "{i}", "model": "m", "domain": "law", "question": "q{i}", "answer": "In 1937.", '
        '"target": "1937", "sources": [{"doc_id": "d", "text": "In 1937."}]}\n'
        for i in range(20)
    )
    (tmp_path / "a.jsonl").write_text(rows)
    same = ["gate", "--baseline", str(tmp_path / "a.jsonl"), "--candidate", str(tmp_path / "a.jsonl")]
    assert run_cli([*same, "--margin", "tax=0.1"]) == 64
    assert "nothing is called 'tax'; domains are law" in capsys.readouterr().err
    assert run_cli([*same, "--margin", "law.p=0.1", "--alpha", "0.025"]) == 3
    assert "one-sided 97.5 % bounds" in capsys.readouterr().out


def test_an_interrupted_run_says_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken_off(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("vcpd.evals.run.run", broken_off)
    assert run_cli(["run", "--limit", "1", "--quiet", "--out", str(tmp_path / "october")]) == 130
    said = capsys.readouterr().err
    assert f"--resume --out {tmp_path / 'october'}" in said
    assert said.endswith("vcpd: interrupted\n")
