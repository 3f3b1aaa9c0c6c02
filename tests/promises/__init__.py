"""The promises, each tested as every kind of actor, through every way in, on both databases.

`python -m tests.promises` prints the table: how many tests each cell has, and the reasons for cells without one.
"""
