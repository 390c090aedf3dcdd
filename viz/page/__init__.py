"""The page that plays a pass: what Python puts into it, and its scripts.

Open `player.py` first, then `player.js`.
"""
