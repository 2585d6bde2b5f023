"""Settings of all tests."""

import os

from hypothesis import settings

settings.register_profile("ci", derandomize=True, deadline=None)  # the same examples on every machine
settings.register_profile("search", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "search")
