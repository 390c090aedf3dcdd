"""A pass step by step: the Stepper, its breakpoints, its pictures, and the debugger's prompt.

Open `stepper.py` first.
"""
