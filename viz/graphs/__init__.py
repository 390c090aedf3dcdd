"""Pictures of computation graphs: choosing the view of a graph, and writing it.

Open `draw.py` first.
"""
