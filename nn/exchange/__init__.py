"""Models and exercises in files, and networks in PyTorch and ONNX.

Open `storage.py` first: `save` and `load`.
"""
