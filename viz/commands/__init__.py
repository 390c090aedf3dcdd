"""The command `gradstep`, a module for commands of one kind.

Open `cli.py` first.
"""
