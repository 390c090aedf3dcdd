"""`replay`: a function recorded once and then run as a program, row by row or many rows at once.

`program` is the flat form of a graph, `recording` what makes one and says how long it holds, `batch` runs rows.
Open `replay.py` first.
"""
