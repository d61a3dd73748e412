"""What every topic of the analysis uses; nothing here knows a topic."""
