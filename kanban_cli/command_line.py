"""The typed command line, and the same line with words added or corrected, to suggest as the next command."""

from collections.abc import Iterator, Sequence

from kanban_cli.table import GROUPS

_OPTIONS_WITH_VALUE = frozenset({"-b", "--board", "-u", "--as", "--url", "--lease", "--jq"})
"""The common options that take a value. They may be typed before the command."""


class CommandLine:
    """The words that were typed after `kanban`."""

    def __init__(self, words: Sequence[str] = ()) -> None:
        self.words = tuple(words)

    def __str__(self) -> str:
        return self.plus()

    def plus(self, *more: str) -> str:
        """Return the line with more words at its end, quoted for a shell."""
        return _join(*self.words, *more)

    def replaced(self, word: str, *replacement: str) -> str | None:
        """Return the line with one word replaced by others, quoted for a shell; None if the line has no such word.

        Without others, it is left out. The word is an option, or the first such word that is no value of a common
        option.
        """
        for index, typed in enumerate(self.words):
            name, equals, value = typed.partition("=") if word.startswith("--") else (typed, "", "")
            if name == word and (word.startswith("-") or index in self._plain_positions()):
                words = [*replacement[:-1], replacement[-1] + equals + value] if replacement else []
                return _join(*self.words[:index], *words, *self.words[index + 1 :])
        return None

    def joined(self, first: str, rest: Sequence[str]) -> str | None:
        """Return the line with a word and the words `rest`, which follow it, as one; None if they are not in the line.

        Options may stand between them.
        """
        words = list(self.words)
        if first not in words:
            return None
        begin = words.index(first)
        for word in rest:
            if word not in words[begin + 1 :]:
                return None
            words.pop(words.index(word, begin + 1))
        words[begin] = " ".join([first, *rest])
        return _join(*words)

    def command(self) -> str:
        """Return `kanban` and the command, without arguments and options."""
        path: list[str] = []
        for index in self._plain_positions():
            path.append(self.words[index])
            if " ".join(path) not in GROUPS:
                break
        return " ".join(["kanban", *path])

    def options(self) -> frozenset[str]:
        """Return the names of the options, without their values; what is after `--` is no option."""
        words = self.words[: self.words.index("--")] if "--" in self.words else self.words
        return frozenset(word.partition("=")[0] for word in words if word.startswith("-"))

    def _plain_positions(self) -> Iterator[int]:
        """Yield the positions of the words that are neither options nor values of common options."""
        words = iter(enumerate(self.words))
        for index, word in words:
            if word in _OPTIONS_WITH_VALUE:
                next(words, None)
            elif not word.startswith("-"):
                yield index


def _join(*words: str) -> str:
    import shlex

    return shlex.join(["kanban", *words])
