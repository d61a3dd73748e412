"""`study preview`: the report on this machine while it is written.

`server` serves it, `watch` says what has been saved, `worker` is the process that makes it by way of `session`, and `run` has them
work together. The delivered report gets nothing of all this.
"""
