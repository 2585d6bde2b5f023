"""Run configurations."""

from pathlib import Path

import pytest
from vcpd.evals.config import DEFAULT_MODELS, RunConfig, override, read_config
from vcpd.evals.pack_fields import PackError


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "run.toml"
    path.write_text(text)
    return path


def test_a_whole_configuration(tmp_path: Path) -> None:
    text = """
        domains = ["legal", "packs/tax"]
        limit = 10
        epochs = 2
        seed = 7
        prices = "prices.toml"
        [[models]]
        name = "openai/gpt-4.1"
        config = { temperature = 0.2, max_tokens = 500 }
        args = { api_version = "1" }
        [[models]]
        name = "inspect:anthropic/claude-sonnet-4-5"
    """
    config = read_config(write(tmp_path, text))
    assert [m.inspect_name for m in config.models] == ["litellm/openai/gpt-4.1", "anthropic/claude-sonnet-4-5"]
    assert config.models[0].config == {"temperature": 0.2, "max_tokens": 500}
    assert config.packs == ("legal", str(tmp_path / "packs/tax"))
    assert (config.limit, config.epochs, config.seed, config.prices) == (10, 2, 7, tmp_path / "prices.toml")


def test_defaults_are_the_bundled_packs_and_models(tmp_path: Path) -> None:
    assert read_config(write(tmp_path, "")) == RunConfig()
    assert tuple(m.name for m in RunConfig().models) == DEFAULT_MODELS


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("modles = []", "run.toml, line 1, field 'modles': is not known"),
        ("epochs = 0", "field 'epochs': '0' is not a whole number of 1 or more"),
        ("[[models]]\nname = ''", r"line 2, \[models\[1\]\], field 'name'"),
        ("[[models]]\nname = 'a'\nconfig = { temprature = 1 }", "'temprature': is not a generation setting"),
        ("[[models]\n", "not valid TOML .*line 1"),
        ("domains = 'legal'", "field 'domains': 'legal' is not a list of texts"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(PackError, match=message):
        read_config(write(tmp_path, text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"nothing\.toml: cannot be read"):
        read_config(tmp_path / "nothing.toml")


def test_the_command_line_goes_before_the_file(tmp_path: Path) -> None:
    config = read_config(write(tmp_path, "epochs = 3\n[[models]]\nname = 'a'\nargs = { x = 1 }"))
    changed = override(config, models=["a", "b"], packs=["legal"], limit=5)
    assert [(m.name, dict(m.args)) for m in changed.models] == [("a", {"x": 1}), ("b", {})]
    assert (changed.packs, changed.limit, changed.epochs) == (("legal",), 5, 3)
