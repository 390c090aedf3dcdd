"""Exercises with given numbers, and their solutions line by line.

Open `exercise.py` first; `ready.py` has the exercises of the package.
"""
