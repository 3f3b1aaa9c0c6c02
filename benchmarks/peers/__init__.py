"""One set of scenes, played against this project and against other tools over their public interfaces; see README.md."""
