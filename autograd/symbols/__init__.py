"""The table run on symbols and on fractions.

Formulas become expressions (`expression`), shorter ones (`simplification`), text and LaTeX, exact fractions, and the
source code of the kernels (`formulas`, `generation`). Open `expression.py` first.
"""
