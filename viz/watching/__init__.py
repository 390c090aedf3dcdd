"""What `gradstep train` shows during a training, and the files that it writes.

Open `view.py` first.
"""
