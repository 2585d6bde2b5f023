"""Names of the models that ship with this package, known without loading a model library."""

DETERMINISTIC = ("local/extractive", "local/extractive-bold")


def is_deterministic(model: str) -> bool:
    """Whether asking `model` again can only give the same answer."""
    return model.removeprefix("litellm/") in DETERMINISTIC
