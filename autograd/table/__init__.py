"""What a row of the table holds, and the code generated from the rows.

`op` defines a row; `ieee` has the float functions of the primitives; `scalars` checks numbers from users and writes
numbers for people. `kernels` and `operators` are generated from the rows in `autograd/ops.py`. Open `op.py` first.
"""
