"""Models and exercises in files, and the way to PyTorch and ONNX.

Open `storage.py` first: `save` and `load`.
"""
