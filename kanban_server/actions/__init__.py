"""One plain function for each action of a person or an agent: check, change and event in one place.

A change takes `(tx, actor, …)`, locks its board first, and returns the body of the response. A query takes `(tx, …)`.
A request for a state that already exists succeeds and changes nothing.
"""
