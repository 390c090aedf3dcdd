"""Derivatives of functions: gradients, Jacobians, Hessians, forward mode, and the check of them all.

Reads the engine and the contexts. Open `calculus.py` first.
"""
