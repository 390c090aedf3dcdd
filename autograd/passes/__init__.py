"""A recorded graph, and a forward and backward pass over it, as plain data and in words.

Everything that explains, draws or prints a pass reads this. Open `tape.py` first, then `steps.py`.
"""
