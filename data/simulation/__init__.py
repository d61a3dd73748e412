"""The simulation behind the reconstructed data cut, one concern a module. `data/reconstruct.py` runs it."""
