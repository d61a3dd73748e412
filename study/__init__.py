"""Settings, data cuts, receipts and the command line of the study report."""
