"""The diagram of a neural network, as a textbook draws it.

Open `network.py` first.
"""
