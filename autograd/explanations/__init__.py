"""Why a gradient is what it is: the ledger of a node, the paths to it, and what another number would change.

Reads passes. Open `ledger.py` first.
"""
