"""What users put around a computation: `no_grad`, `scope`, `detect_anomaly`, `name_locals`.

Reads nodes and the notation of the table. Open `modes.py` first.
"""
