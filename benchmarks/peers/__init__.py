"""One set of scenes, played against this project and other tools over their public interfaces; see README.md."""
