"""Published benchmarks as packs: each a row of `table.py`, read from the Hugging Face hub or from local files."""
