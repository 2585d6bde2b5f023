"""Documents, passages, spans, source policy, search, retrieval measures. Sees no answer and no dollar."""
