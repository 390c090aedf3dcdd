"""What a node rests on beside the table: what recording does at present, and how a node is copied and shown.

This wing reads the table and nothing above it. Open `mode.py` first: it holds what contexts such as `no_grad` change.
"""
