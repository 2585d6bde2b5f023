"""Claims, citations, quotes, facts, support, verdicts. Sees no price and no run."""
