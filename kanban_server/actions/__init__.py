"""One plain function for each thing that a person or an agent can do: guard, change and event on one screen.

A change takes `(tx, actor, …)`, locks its board first, and returns what the answer shows. A reading takes `(tx, …)`.
What a request says already succeeds and changes nothing, where it is so already.
"""
