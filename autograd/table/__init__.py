"""What a row of the table is, and what it is turned into.

`op` says what a row holds; `ieee` has the functions of floats that rows without a formula stand for; `scalars` lets
numbers in and writes them for people. `kernels` and `operators` are generated from the rows of `autograd/ops.py`.
Open `op.py` first.
"""
