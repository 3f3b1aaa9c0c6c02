"""How fast is it? Each figure beside its floor, measured in the same run; see README.md."""
