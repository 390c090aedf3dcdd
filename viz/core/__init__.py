"""The parts that pictures and commands share: colours, DOT, the layout engine, and loading what a command shows.

Open `drawing.py` first: it says what a picture consists of.
"""
