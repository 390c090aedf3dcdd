"""`replay`: a function is recorded once and then runs as a program, for one row or many rows at once.

`following` finds what a function reads from outside (`kinds` knows what objects hold), and `surroundings` says whether
it changed.
`program` is the flat form of a graph, `recording` makes one and knows when it is still valid, `batch` runs many rows.
Open `replay.py` first.
"""
