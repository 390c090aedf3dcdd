"""Pictures of computation graphs: which view of a graph is shown, and how it is written.

Open `draw.py` first.
"""
