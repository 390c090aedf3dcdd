"""Explanations of a gradient: the ledger of a node, the paths from it to the loss, and `what_if` with other numbers.

Open `ledger.py` first.
"""
