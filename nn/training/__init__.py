"""Data sets, and the training of a model on one.

Open `datasets.py` first, then `fit.py`.
"""
