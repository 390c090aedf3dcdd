"""The colours of pictures, plots and texts. Nothing differs by colour alone, so a print without colour can be read."""

INK = "#1a1a1a"
COLOURS = BLUE, VERMILLION, *_ = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Colours that colour-blind people can tell apart (M. Okabe and K. Ito, 2008)."""
DARK_BLUE, DARK_VERMILLION = "#004B76", "#A23B00"
"""The first two, dark enough for small texts."""
