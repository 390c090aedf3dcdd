"""What is set while a program runs: the mode of recording, how nodes are copied and shown, what is imported when.

Open `mode.py` first: contexts such as `no_grad` change the mode. `observation.py` tells the recorder of a replay.
"""
