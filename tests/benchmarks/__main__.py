"""`python -m tests.benchmarks`. Reads the command."""

import sys

from .command import main

sys.exit(main())
