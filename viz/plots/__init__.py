"""Plots with matplotlib: activations, losses, decision boundaries, histograms.

Open `plotting.py` first.
"""
