"""The table's formulas on symbols and fractions.

A formula becomes an expression (`expression`), a shorter one (`simplification`), text, LaTeX, an exact fraction, or
the source code of a kernel (`formulas`, `generation`). Open `expression.py` first.
"""
