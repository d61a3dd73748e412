"""The gate: nothing is computed from a data cut before it has passed these expectations."""
