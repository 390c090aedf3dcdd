"""The mode of recording, and how nodes are copied and shown.

Open `mode.py` first: contexts such as `no_grad` change the mode.
"""
