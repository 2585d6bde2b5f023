"""What Inspect finds by the entry point `vcpd`: the provider `litellm/...` and the tasks `vcpd/<pack>`."""

from inspect_ai.model import ModelAPI, modelapi
from vcpd.evals.inspect_tasks import general, legal, medical

__all__ = ["general", "legal", "litellm", "medical"]


@modelapi(name="litellm")
def litellm() -> type[ModelAPI]:
    """The provider class, imported when a model `litellm/...` is first asked for."""
    from vcpd.evals.inspect_provider import LiteLLMAPI

    return LiteLLMAPI
