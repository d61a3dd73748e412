"""From the tables of a data cut to what the report prints: pure functions, without files, clock or network.

- Each topic has its numbers in `<topic>.py`, and its tables, figures and alternative texts in `<topic>_shown.py`: a figure has a plain
  name, its alternative text begins with `alt_`, a table ends in `_table`.
- The topics are population, exposure, efficacy, depth, course, sensitivity, subgroups, ige and safety; claims and context (the paper
  and other studies), changes (between two cuts), and headline (the first page).
- `compute` is the door to all results of a cut; `disclosure` is what is kept back in print.
- `core` is what every topic uses: results, families of rows, statistics, cells of tables, the style of figures; it knows no topic.
"""
