"""Context managers around a computation: `no_grad`, `scope`, `detect_anomaly`, `name_locals`.

Open `modes.py` first.
"""
