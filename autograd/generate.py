"""`python -m autograd.generate` writes what is generated from `autograd/ops.py`: run it after a change there."""

from autograd.symbols.generation import main

if __name__ == "__main__":
    main()
