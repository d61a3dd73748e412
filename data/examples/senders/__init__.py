"""Who sends follow-up data, and in what form. `data/examples/make_examples.py` runs it."""
