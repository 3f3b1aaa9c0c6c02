"""The promises, each tested for every kind of actor, through every interface, on both databases.

`python -m tests.promises` prints the table: the number of tests in each cell, and the reasons for cells without tests.
"""
