"""What this study is: tables and columns, scores and responses, treatment, patients, how time counts, events of special interest.

Imports nothing of the project; everything else reads it and repeats none of it.
"""
