"""Derivatives of functions: gradients, Jacobians, Hessians, forward mode, and checks of gradients.

Open `calculus.py` first.
"""
