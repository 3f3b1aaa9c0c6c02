"""What crosses the network between a client and the server: shapes, limits and names; no I/O.

One module per noun. What the server sends is a frozen dataclass that ignores fields it does not know, so that an older
client understands a newer server. What clients send is in `bodies`.
"""
