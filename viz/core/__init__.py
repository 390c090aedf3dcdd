"""What every picture and every command needs: colours, DOT, the layout engine, and what may be looked at.

Open `drawing.py` first: it says what a picture consists of.
"""
