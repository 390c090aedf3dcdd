"""How fast the engine is beside its peers: `python -m tests.benchmarks`, run from the root of the repository.

The engines of a table solve the same problem (`problem`), each in processes of its own (`worker`), which the command
(`command`) starts in turn. The installed packages are measured, not the sources beside this folder.
"""
