"""What is measured: a row of a table for each engine. The worker imports an engine by its place."""

from dataclasses import dataclass

STEP, ROWS, TRANSFORMER, MIXTURE, BUNDLE = "step", "rows", "transformer", "gmm", "ba"


@dataclass(frozen=True)
class Entry:
    """One row: its name on the command line, its title, its table, and where the engine stands.

    `interpreted` runs gradstep's source instead of its compiled modules; `collector` is Python's collector of cycles.
    """

    name: str
    title: str
    table: str
    module: str
    maker: str
    interpreted: bool = False
    collector: bool = True


ENTRIES = (
    Entry("gradstep", "gradstep", STEP, "plain", "gradstep"),
    Entry("gradstep-collector-off", "gradstep", STEP, "plain", "gradstep", collector=False),
    Entry("interpreted", "gradstep", STEP, "plain", "gradstep", interpreted=True),
    Entry(
        "interpreted-collector-off", "gradstep", STEP, "plain", "gradstep", interpreted=True, collector=False
    ),
    Entry("micrograd", "micrograd", STEP, "plain", "micrograd"),
    Entry("micrograd-collector-off", "micrograd", STEP, "plain", "micrograd", collector=False),
    Entry("xad", "XAD", STEP, "xad_tape", "XadTape"),
    Entry("torch-scalars", "PyTorch, a tensor per scalar", STEP, "pytorch", "Scalars"),
    Entry("torch-matrices", "PyTorch, matrices", STEP, "pytorch", "Matrices"),
    Entry("casadi", "CasADi, built once", STEP, "casadi_function", "CasadiFunction"),
    Entry("replay", "gradstep replay, recorded once", STEP, "replayed", "ReplayedStep"),
    Entry("c", "C by hand", STEP, "handwritten", "HandwrittenC"),
    Entry("rows-gradstep", "gradstep, row by row", ROWS, "plain", "gradstep_rows"),
    Entry("rows-replay", "gradstep replay, row by row", ROWS, "replayed", "ReplayedRows"),
    Entry("rows-batch", "gradstep replay, batch", ROWS, "replayed", "ReplayedBatch"),
    Entry("rows-torch", "PyTorch, matrices", ROWS, "pytorch", "Matrices"),
    Entry("rows-c", "C by hand", ROWS, "handwritten", "HandwrittenC"),
    Entry("transformer", "gradstep", TRANSFORMER, "transformer", "gradstep"),
    Entry("transformer-interpreted", "gradstep", TRANSFORMER, "transformer", "gradstep", interpreted=True),
    Entry("transformer-plain", "a plain class of scalars", TRANSFORMER, "transformer", "plain"),
    Entry(
        "transformer-plain-collector-off", "a plain class of scalars", TRANSFORMER, "transformer", "plain",
        collector=False,
    ),
    Entry("gmm", "gradstep", MIXTURE, "mixtures", "Recorded"),
    Entry("gmm-replay", "gradstep replay, recorded once", MIXTURE, "mixtures", "Replayed"),
    Entry("gmm-batch", "gradstep replay, a batch of points", MIXTURE, "mixtures", "InBatches"),
    Entry("gmm-torch", "PyTorch, matrices", MIXTURE, "gradbench_pytorch", "MixtureMatrices"),
    Entry("ba", "gradstep jacobian", BUNDLE, "bundles", "Recorded"),
    Entry("ba-replay", "gradstep jacobian of a replay", BUNDLE, "bundles", "Replayed"),
    Entry("ba-batch", "gradstep replay, two batches", BUNDLE, "bundles", "InBatches"),
    Entry("ba-torch", "PyTorch, vmap of jacrev", BUNDLE, "gradbench_pytorch", "BundleMatrices"),
)  # fmt: skip

REFERENCES = {
    STEP: "gradstep",
    ROWS: "rows-gradstep",
    TRANSFORMER: "transformer",
    MIXTURE: "gmm",
    BUNDLE: "ba",
}
"""The entry of each table with whose numbers the others are compared."""

COSTS = {
    "memory": "bytes a node",
    "growth": "time a node, many nodes beside few",
    "import": "`import autograd`",
    "views": "stepper, tree and page",
}
"""What is measured of gradstep alone."""

VIEWED = (100, 1_000, 10_000)
"""The graphs of which the views are measured have about so many nodes. The most that a page takes is 2,000."""

NAMES = (*(entry.name for entry in ENTRIES), *COSTS)
