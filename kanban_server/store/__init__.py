"""Where boards are kept: the transaction, the tables, the log, the migrations."""
