"""A pass step by step: the Stepper, its breakpoints, its pictures, and the prompt around it.

Open `stepper.py` first.
"""
