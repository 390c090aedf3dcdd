"""What `gradstep train` shows while a network learns, and what it leaves behind.

Open `view.py` first.
"""
