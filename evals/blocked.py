"""What the source policy kept out of the prompts of a run, by the rule that did it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any


def blocked_by_rule(entries: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    """Passages that would have ranked among the first k but for a rule: by domain, by rule, most frequent first.

    Each question counts once, whatever the models and attempts: all of them are asked with the same passages.
    """
    seen: dict[str, set[tuple[str, str, int, str]]] = {}
    for entry in entries:
        for attempt in entry["attempts"]:
            for hit in attempt["answer"].get("blocked") or []:
                place = (entry["sample_id"], hit["doc_id"], hit["start"], hit["rule"])
                seen.setdefault(entry["domain"], set()).add(place)
    return {d: dict(Counter(rule for *_, rule in sorted(places)).most_common()) for d, places in seen.items()}


def blocked_lines(blocked: Mapping[str, Mapping[str, int]]) -> list[str]:
    """One sentence a domain, for the terminal."""
    return [
        f"{domain}: the source policy kept {sum(rules.values())} passages out of the prompts "
        f"({', '.join(f'{rule} {n}' for rule, n in rules.items())})"
        for domain, rules in blocked.items()
    ]
