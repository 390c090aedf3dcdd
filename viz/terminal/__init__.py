"""Graphs, solutions and comparisons as text for a terminal, a pipe or a prompt.

Open `trees.py` first.
"""
