"""Tables and figures of what was measured. Sees no model and no retrieval."""
