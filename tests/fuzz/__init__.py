"""Random cases against an independent answer: `python -m tests.fuzz [--seconds N] [--seed N] [WHAT ...]`.

Each module is one subject: `CASES` makes random cases, `check(case)` raises if gradstep's answer is not the other one,
and `shown(case)` writes a case as a program. `programs.py` has the random programs that most subjects share.
"""
