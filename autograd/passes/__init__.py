"""A recorded graph, and a forward and backward pass over it, as plain data and in words.

All explanations, pictures and printed passes are made from it. Open `tape.py` first, then `steps.py`.
"""
