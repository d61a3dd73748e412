"""What this study is: its tables and columns, scores and responses, treatment, and events of special interest.

Imports nothing of the project; everything else reads it and repeats none of it.
"""
