"""What follows a computation: the view of `gradstep train` with the files that it writes, and the page of `viz.live`.

Open `view.py` first for the one, `live.py` for the other. A live page has `subjects.py`, which hears of events in the
thread that computes and makes plain data; `snapshots.py` and `slots.py`, which turn these into texts; and `server.py`.
"""
