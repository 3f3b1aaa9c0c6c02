"""The rules for a board's columns: their names, their roles by these names, and finding one by name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import get_args

from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Column, Role, matching
from kanban_server.rules.actors import check_short_name
from kanban_server.rules.problems import Refusal

WORKING_WORDS = frozenset(
    {
        *("in progress", "progress", "doing", "wip", "work in progress", "working", "in work", "started", "active"),
        *("ongoing", "underway", "development", "developing", "in dev", "dev", "implementing"),
        *("implementation", "building", "coding", "executing", "execution", "in flight"),
        *("in arbeit", "in bearbeitung", "laufend", "läuft", "aktiv", "entwicklung", "in entwicklung", "begonnen"),
        *("en cours", "en progression", "en développement", "développement", "actif", "commencé"),
        *("en curso", "en progreso", "en proceso", "haciendo", "en desarrollo", "desarrollo", "activo", "iniciado"),
        *("em andamento", "em progresso", "em curso", "fazendo", "em desenvolvimento", "desenvolvimento", "iniciado"),
        *("in corso", "in lavorazione", "in sviluppo", "sviluppo", "in esecuzione", "attivo"),
        *("bezig", "mee bezig", "in uitvoering", "in behandeling", "onderhanden", "actief", "in ontwikkeling"),
        *("w toku", "w trakcie", "w realizacji", "robione", "rozpoczęte", "aktywne"),
        *("в работе", "в процессе", "выполняется", "делается", "в разработке", "разработка"),
        *("进行中", "处理中", "開發中", "开发中", "進行中", "正在做", "在做", "作業中", "対応中", "着手中", "開発中"),
        *("진행 중", "진행중", "작업 중", "작업중", "개발 중", "개발중", "하는 중"),
    }
)
"""What people call a column whose tickets are worked on, case folded: English, German, French, Spanish, Portuguese,
Italian, Dutch, Polish, Russian, Chinese, Japanese, Korean."""
WAITING_WORDS = frozenset(
    {
        *("blocked", "waiting", "wait", "on hold", "hold", "paused", "pending", "stalled", "stuck", "parked", "ready"),
        *("review", "reviewing", "in review", "qc", "qa", "test", "testing", "tests", "verify", "verification"),
        *("validation", "approval", "acceptance", "feedback", "staging", "uat", "queue", "queued", "deferred"),
        *("blockiert", "wartet", "wartend", "warten", "pausiert", "angehalten", "prüfung", "überprüfung", "im test"),
        *("abnahme", "bereit", "zurückgestellt"),
        *("bloqué", "bloqués", "bloquée", "en attente", "attente", "en pause", "revue", "relecture", "à vérifier"),
        *("en revue", "en test", "tests", "prêt"),
        *("bloqueado", "bloqueada", "en espera", "espera", "en pausa", "revisión", "en revisión", "pruebas", "listo"),
        *("em espera", "aguardando", "em revisão", "revisão", "em teste", "teste", "testes", "pausado", "pronto"),
        *("bloccato", "bloccati", "in attesa", "attesa", "in pausa", "revisione", "in revisione", "collaudo", "pronto"),
        *(
            "geblokkeerd",
            "wacht",
            "wachten",
            "wachtend",
            "in de wacht",
            "beoordeling",
            "controle",
            "testen",
            "klaar voor",
        ),
        *("zablokowane", "oczekuje", "oczekujące", "wstrzymane", "przegląd", "weryfikacja", "testy", "do sprawdzenia"),
        *("заблокировано", "ожидание", "ожидает", "на паузе", "отложено", "проверка", "на проверке", "ревью"),
        *("тестирование", "на тестировании"),
        *(
            "阻塞",
            "受阻",
            "等待",
            "暂停",
            "待审核",
            "审核",
            "评审",
            "待测试",
            "测试",
            "验收",
            "待ち",
            "保留",
            "ブロック",
        ),
        *("レビュー", "確認", "テスト", "検証", "대기", "보류", "차단", "검토", "리뷰", "테스트"),
    }
)
"""What people call a column whose tickets wait, in the same languages. These words win over those of work."""
STATUSES: dict[str, frozenset[Role]] = {
    **{role: frozenset({role}) for role in get_args(Role)},
    "open": frozenset({"todo", "working", "waiting"}),
    "closed": frozenset({"done"}),
}
"""The roles of the columns that a status names."""
_SEPARATORS = re.compile(r"[^\w]+")


def find_column(columns: Sequence[Column], name: str) -> Column:
    """Find the column with this name. Refused: `unknown-column`, with the board's column names."""
    for column in columns:
        if column.name == name:
            return column
    key = matching(name)
    for column in columns:
        if matching(column.name) == key:
            return column
    names = [column.name for column in columns]
    raise Refusal(
        "unknown-column",
        f"The board has no column '{name[:80]}'. Its columns: {', '.join(names)}.",
        fix="Name one of the board's columns.",
        columns=names,
    )


def columns_of_status(columns: Sequence[Column], status: str) -> list[Column]:
    """The columns that a status names: one column, those with a role, or all that are `open` or `closed` (done).

    A column of that name counts first. Refused: `unknown-column`.
    """
    key = matching(status)
    if named := [column for column in columns if matching(column.name) == key]:
        return named
    if key in STATUSES:
        return [column for column in columns if column.role in STATUSES[key]]
    names = [column.name for column in columns]
    raise Refusal(
        "unknown-column",
        f"'{status[:80]}' is neither a column nor a role. Columns: {', '.join(names)}."
        " Roles: todo, working, waiting, done. Or: open, closed.",
        fix="Name a column or a role.",
        columns=names,
    )


def choose_roles(names: Sequence[str]) -> list[Role]:
    """The roles of a new board's columns, by their names.

    The first is todo and the last done. Between them the names say it, and otherwise they are waiting. Of three or more
    columns, the second is working if no other is.
    """
    roles: list[Role] = [_role_by_name(name) or "waiting" for name in names]
    roles[-1] = "done"
    roles[0] = "todo"
    if len(names) > 2 and "working" not in roles:
        roles[1] = "working"
    return roles


def _role_by_name(name: str) -> Role | None:
    """Whether a name says that its tickets wait or are worked on; None if it says neither."""
    text = f" {_SEPARATORS.sub(' ', matching(name)).strip()} "
    roles: tuple[tuple[Role, frozenset[str]], ...] = (("waiting", WAITING_WORDS), ("working", WORKING_WORDS))
    for role, words in roles:
        if any(f" {word} " in text for word in words):
            return role
    for role, words in roles:
        if any(word in text for word in words if _writes_without_spaces(word)):
            return role
    return None


def _writes_without_spaces(word: str) -> bool:
    return "\u3040" <= word[0] <= "\u9fff" or "\uac00" <= word[0] <= "\ud7a3"


def check_column_names(names: Sequence[str]) -> list[str]:
    """The normalized column names: 1 to 50 characters, unique when matched. Refused: `invalid-columns`."""
    if not names:
        raise Refusal("invalid-columns", "A board needs at least one column.", fix="Name at least one column.")
    if len(names) > limits.COLUMNS:
        raise Refusal(
            "invalid-columns", f"{len(names)} columns are too many; {limits.COLUMNS} is the most.", limit=limits.COLUMNS
        )
    checked_names = [check_short_name(name, "column name", limits.COLUMN_NAME_CHARACTERS) for name in names]
    names_by_key: dict[str, str] = {}
    for name in checked_names:
        key = matching(name)
        if key in names_by_key:
            raise Refusal(
                "invalid-columns",
                f"'{names_by_key[key]}' and '{name}' are the same name: case and '_' do not tell columns apart.",
                fix="Give each column a name of its own.",
            )
        names_by_key[key] = name
    return checked_names


def create_columns(names: Sequence[str]) -> list[Column]:
    """The columns of a new board."""
    checked_names = check_column_names(names)
    roles = choose_roles(checked_names)
    return [Column(id, name, role) for id, (name, role) in enumerate(zip(checked_names, roles, strict=True), 1)]


def arrange_columns(columns: Sequence[Column], names: Sequence[str], next_id: int) -> list[Column]:
    """The columns after a PUT of names: known ones keep their settings, in the new order; new ones get the next ids.

    A new column that no word names becomes working only if no known one is.
    """
    checked_names = check_column_names(names)
    columns_by_key = {matching(column.name): column for column in columns}
    known_columns = [columns_by_key.get(matching(name)) for name in checked_names]
    has_working = any(column is not None and column.role == "working" for column in known_columns)
    new_columns: list[Column] = []
    for position, (name, role) in enumerate(zip(checked_names, choose_roles(checked_names), strict=True)):
        column = known_columns[position]
        if column is None:
            if position == 1 and role == "working" and has_working:
                role = _role_by_name(name) or "waiting"
            column = Column(next_id, name, role)
            next_id += 1
        new_columns.append(column)
    return new_columns
