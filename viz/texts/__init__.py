"""Passes and solutions as documents: LaTeX, slides, Markdown, plain text.

Open `derivations.py` first.
"""
