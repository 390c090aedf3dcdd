"""The command `python -m autograd.generate`. Run it after a change in `autograd/ops.py`."""

from autograd.symbols.generation import main

if __name__ == "__main__":
    main()
