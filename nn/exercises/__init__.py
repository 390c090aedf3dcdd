"""Exercises with given numbers, and their solutions line by line.

Open `exercise.py` first; `ready.py` has those that come with the package.
"""
