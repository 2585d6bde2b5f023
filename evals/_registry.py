"""What Inspect finds by the entry point `vcpd`: the provider `litellm/...`, the tasks `vcpd/<pack>`, `vcpd/bench`."""

from inspect_ai.model import ModelAPI, modelapi
from vcpd.evals.inspect_tasks import bench, general, legal, medical

__all__ = ["bench", "general", "legal", "litellm", "medical"]


@modelapi(name="litellm")
def litellm() -> type[ModelAPI]:
    """The provider class, imported when a model `litellm/...` is first asked for."""
    from vcpd.evals.inspect_provider import LiteLLMAPI

    return LiteLLMAPI
