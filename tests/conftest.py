"""How hard property tests try: `make test` the same cases each time, `make test-long` new and many more."""

import os

from hypothesis import settings

# A busy machine is slow now and then; a test that must be fast measures it itself.
settings.register_profile("short", deadline=None, derandomize=True)
settings.register_profile("long", deadline=None, max_examples=5000)
settings.load_profile(os.environ.get("PASSPORT_TEST_COUNTS", "short"))
