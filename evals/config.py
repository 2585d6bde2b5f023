"""What to run: models, packs and settings, from a TOML file and the command line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from .context_fill import ContextError, context_tokens
from .pack_fields import Reader, read_toml
from .packs import BENCHMARK, BUNDLED
from .redaction import holds_user
from .retrieval_modes import MODES, RetrievalSpec
from .system_calls import shown_target, without_query

_ROLES = ("judge", "grader", "allow_self_judging", "verifier")
_SECTIONS = ("system", "retrieval", "context", "throughput")
DEFAULT_MODELS = ("local/extractive", "local/extractive-bold")
JUDGE_SAMPLES = 3
TIMEOUT_S = 120.0


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model to run.

    Attributes:
        name: As litellm names it ("openai/gpt-4.1", "local/extractive"), or "inspect:PROVIDER/MODEL" for one of
            Inspect's own providers.
        config: Generation settings in Inspect's names (temperature, max_tokens, timeout, max_retries, ...).
        args: Arguments of the provider (Inspect's `-M`).
    """

    name: str
    config: Mapping[str, Any] = field(default_factory=dict)
    args: Mapping[str, Any] = field(default_factory=dict)

    @property
    def inspect_name(self) -> str:
        """The name under which Inspect finds the model."""
        if self.name.startswith("inspect:"):
            return self.name.removeprefix("inspect:")
        return self.name if self.name.startswith("litellm/") else f"litellm/{self.name}"


@dataclass(frozen=True, slots=True)
class JudgeSpec:
    """A model that judges others.

    Attributes:
        samples: Calls per judgement.
        longest_sources: Characters of sources that a judge is shown at once; more is a failure, never cut. None: the
            default of the judge. A grader is shown no sources.
    """

    model: ModelSpec
    samples: int = JUDGE_SAMPLES
    longest_sources: int | None = None


@dataclass(frozen=True, slots=True)
class Roles:
    """Which models judge.

    Attributes:
        judge: The policy verifier in the loop, in place of the default one.
        verifier: The policy verifier in the loop by name (`verifier_names.verifier_of`), where no `judge` has the role.
        grader: The evaluator of free-text answers, in place of the rule-based one.
        allow_self_judging: Whether one model may hold both roles, or judge its own answers.
    """

    judge: JudgeSpec | None = None
    grader: JudgeSpec | None = None
    allow_self_judging: bool = False
    verifier: str = ""

    @property
    def names(self) -> list[str]:
        """The models that were given a role; those within `verifier` are not among them."""
        return [spec.model.name for spec in (self.judge, self.grader) if spec]

    def with_named(
        self,
        judge: str | None,
        grader: str | None,
        samples: int | None = None,
        allow_self_judging: bool = False,
        verifier: str | None = None,
    ) -> "Roles":
        """The roles with what the command line says."""

        def named(spec: JudgeSpec | None, name: str | None) -> JudgeSpec | None:
            if name and (spec is None or spec.model.name != name):
                spec = JudgeSpec(ModelSpec(name))
            return replace(spec, samples=samples) if spec and samples else spec

        allowed = allow_self_judging or self.allow_self_judging
        return Roles(named(self.judge, judge), named(self.grader, grader), allowed, verifier or self.verifier)


@dataclass(frozen=True, slots=True)
class SystemSpec:
    """An application of the user's own, in the place of a model.

    Attributes:
        target: "module:function", or its http(s) address.
        name: What it is called in tables; None: told from `target`.
        priced_as: The model whose prices its token counts have, where it names none itself.
        timeout_s: Of one question.
        connections: Questions asked side by side; None: 4 of an address, 1 of a function.
        key_env: Environment variable that holds the bearer token of an address.
    """

    target: str
    name: str | None = None
    priced_as: str | None = None
    timeout_s: float = TIMEOUT_S
    connections: int | None = None
    key_env: str | None = None

    @property
    def label(self) -> str:
        """The model's name in records and tables."""
        return self.name or shown_target(self.target)

    @property
    def as_model(self) -> ModelSpec:
        """What stands for it among the models of a run."""
        return ModelSpec(self.label, args={"system": without_query(self.target), "priced_as": self.priced_as})


@dataclass(frozen=True, slots=True)
class RunConfig:
    """A whole run.

    Attributes:
        prices: A price table that goes before the bundled one.
        review_times: A timing log of reviews, whose mean goes before the seconds that packs declare.
        system: An application that answers in the place of `models`.
        context: Size that prompts are filled up to with distractor passages, e.g. "32k"; "": as retrieved.
        throughput: Files of `vcpd throughput`, whose T goes before that of the run itself.
    """

    models: tuple[ModelSpec, ...] = tuple(ModelSpec(name) for name in DEFAULT_MODELS)
    packs: tuple[str, ...] = BUNDLED
    limit: int | None = None
    epochs: int = 1
    seed: int = 0
    prices: Path | None = None
    review_times: Path | None = None
    roles: Roles = field(default_factory=Roles)
    system: SystemSpec | None = None
    retrieval: RetrievalSpec = field(default_factory=RetrievalSpec)
    context: str = ""
    throughput: tuple[Path, ...] = ()


def read_config(path: Path) -> RunConfig:
    """Read a run configuration.

    Raises:
        PackError: Not TOML, an unknown, missing or wrong field; the message names file, section and field.
    """
    top = read_toml(path)
    top.only("models", "domains", "limit", "epochs", "seed", "prices", "review_times", *_SECTIONS, *_ROLES)
    config = RunConfig()
    models = tuple(map(_model, top.sections("models")))
    packs = tuple(_domain(path, name) for name in top.texts("domains"))
    return replace(
        config,
        models=models or config.models,
        packs=packs or config.packs,
        limit=top.whole("limit", 1) if "limit" in top.data else None,
        epochs=top.whole("epochs", 1, config.epochs),
        seed=top.whole("seed", 0, config.seed),
        prices=path.parent / top.text("prices") if "prices" in top.data else None,
        review_times=path.parent / top.text("review_times") if "review_times" in top.data else None,
        context=_context(top),
        throughput=tuple(path.parent / name for name in top.texts("throughput")),
        roles=Roles(
            _judge(top, "judge"),
            _judge(top, "grader"),
            _flag(top, "allow_self_judging"),
            top.text("verifier") if "verifier" in top.data else "",
        ),
        system=_system(top.section("system")) if "system" in top.data else None,
        retrieval=_retrieval(top) if "retrieval" in top.data else config.retrieval,
    )


def _system(r: Reader) -> SystemSpec:
    r.only("target", "name", "priced_as", "timeout_s", "connections", "key_env")
    return SystemSpec(
        target=r.text("target"),
        name=r.text("name") if "name" in r.data else None,
        priced_as=r.text("priced_as") if "priced_as" in r.data else None,
        timeout_s=r.number("timeout_s", 0.001) if "timeout_s" in r.data else TIMEOUT_S,
        connections=r.whole("connections", 1) if "connections" in r.data else None,
        key_env=r.text("key_env") if "key_env" in r.data else None,
    )


def _retrieval(top: Reader) -> RetrievalSpec:
    """The table [retrieval]: mode, encoder, reranker."""
    r = top.section("retrieval")
    r.only("mode", "encoder", "reranker")
    mode = r.choice("mode", MODES) if "mode" in r.data else RetrievalSpec().mode
    return RetrievalSpec(mode, *(r.text(name) if r.data.get(name) else "" for name in ("encoder", "reranker")))


def _context(r: Reader) -> str:
    if "context" not in r.data:
        return ""
    size = r.text("context")
    try:
        context_tokens(size)
    except ContextError as error:
        raise r.error("context", str(error)) from None
    return size


def _flag(r: Reader, name: str) -> bool:
    value = r.data.get(name, False)
    if not isinstance(value, bool):
        raise r.error(name, f"{str(value)[:80]!r} is neither true nor false")
    return value


def _judge(top: Reader, name: str) -> JudgeSpec | None:
    """The table [judge] or [grader]: model, samples, config, args; of a judge also longest_sources."""
    if name not in top.data:
        return None
    r = top.section(name)
    r.only("model", "samples", "config", "args", *(["longest_sources"] if name == "judge" else []))
    longest = r.whole("longest_sources", 1) if "longest_sources" in r.data else None
    return JudgeSpec(_settings(r, r.text("model")), r.whole("samples", 1, JUDGE_SAMPLES), longest)


def _model(r: Reader) -> ModelSpec:
    r.only("name", "config", "args")
    return _settings(r, r.text("name"))


def _settings(r: Reader, model: str) -> ModelSpec:
    config = dict(r.section("config").data) if "config" in r.data else {}
    for name in config:
        if name not in GENERATE_FIELDS:
            raise r.section("config").error(name, "is not a generation setting")
    args = dict(r.section("args").data) if "args" in r.data else {}
    for name, value in args.items():
        if isinstance(value, str) and holds_user(value):
            raise r.section("args").error(name, "holds a user name or password; give the key in the environment")
    for name, value in config.items():
        if isinstance(value, int | float) and "penalty" not in name and not 0 <= value < float("inf"):
            raise r.section("config").error(name, f"{value} is not a number of 0 or more")
    return ModelSpec(model, config, args)


def _domain(path: Path, name: str) -> str:
    """A bundled name as it is; anything else, also the path of a benchmark, is relative to the configuration file."""
    if name.startswith(BENCHMARK):
        benchmark, equals, where = name.partition("=")
        return f"{benchmark}={path.parent / where}" if equals else name
    return name if name in BUNDLED else str(path.parent / name)


GENERATE_FIELDS = frozenset(
    [
        "max_tokens",
        "temperature",
        "top_p",
        "top_k",
        "seed",
        "stop_seqs",
        "timeout",
        "attempt_timeout",
        "max_retries",
        "max_connections",
        "reasoning_effort",
        "reasoning_tokens",
        "system_message",
        "frequency_penalty",
        "presence_penalty",
        "logprobs",
        "top_logprobs",
    ]
)


def override(config: RunConfig, *, models: Sequence[str] = (), packs: Sequence[str] = (), **rest: Any) -> RunConfig:
    """The configuration with what the command line says; `rest` by names of `RunConfig`, None where it is silent."""
    known = {m.name: m for m in config.models}
    return replace(
        config,
        models=tuple(known.get(name, ModelSpec(name)) for name in models) or config.models,
        packs=tuple(packs) or config.packs,
        **{name: value for name, value in rest.items() if value is not None},
    )
