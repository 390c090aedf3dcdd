"""The parts that all pictures share: colours, texts, DOT, the layout engine, and saving to files.

Open `drawing.py` first: it says what a picture consists of.
"""
