"""
Triggers of the first schema: what is published is not changed, what is recorded stays, whoever asks by SQL.

A publication is written last in its transaction; from then on the rows of its plan stand still.
"""

from __future__ import annotations

# Rows of a published plan are neither added nor changed nor taken away.
OF_A_PLAN = ("parts", "edits", "grids", "lineage")
# Rows are added and nothing else.
APPEND_ONLY = ("events", "publications", "retirements")
PUBLISHED = "gridplan: a published plan cannot be changed"
RECORDED = "gridplan: what is recorded cannot be changed or taken away"
OVERLAP = "gridplan: another plan is in force there; a new one retires it first"
ISSUED = "gridplan: a code once issued stays issued, and retired once retired"
IN_USE = "gridplan: a plan is made of this chunk"

_OPEN_OVERLAP = """SELECT 1 FROM publications AS p LEFT JOIN retirements AS r ON r.plan_id = p.plan_id
    WHERE r.plan_id IS NULL AND (substr(p.scope, 1, length(NEW.scope)) = NEW.scope
                                 OR substr(NEW.scope, 1, length(p.scope)) = p.scope)"""
_CODE_CHANGED = """OLD.retired_by IS NOT NULL OR NEW.scope <> OLD.scope
    OR NEW.grid_code <> OLD.grid_code OR NEW.issued_by <> OLD.issued_by"""


def statements(dialect: str) -> list[str]:
    """
    Return the statements that make the triggers.

    Parameters
    ----------
    dialect
        ``sqlite`` or ``postgresql``.
    """
    return _sqlite() if dialect == "sqlite" else _postgresql()


def _sqlite() -> list[str]:
    published = "EXISTS (SELECT 1 FROM publications WHERE plan_id = {}.plan_id)"
    old, new = published.format("OLD"), published.format("NEW")
    guards = [
        *((table, "INSERT", new, PUBLISHED) for table in OF_A_PLAN),
        *((table, "UPDATE", f"{old} OR {new}", PUBLISHED) for table in (*OF_A_PLAN, "plans")),
        *((table, "DELETE", old, PUBLISHED) for table in (*OF_A_PLAN, "plans")),
        *((table, action, "1", RECORDED) for table in APPEND_ONLY for action in ("UPDATE", "DELETE")),
        ("publications", "INSERT", f"EXISTS ({_OPEN_OVERLAP})", OVERLAP),
        ("codes", "UPDATE", _CODE_CHANGED, ISSUED),
        ("codes", "DELETE", "1", ISSUED),
        ("chunks", "UPDATE", "1", RECORDED),
        ("chunks", "DELETE", "EXISTS (SELECT 1 FROM parts WHERE digest = OLD.digest)", IN_USE),
    ]
    return [
        f"CREATE TRIGGER guard_{table}_{action.lower()} BEFORE {action} ON {table} WHEN {when}\n"
        f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        for table, action, when, message in guards
    ]


def _postgresql() -> list[str]:
    published = "EXISTS (SELECT 1 FROM publications WHERE plan_id IN (OLD.plan_id, NEW.plan_id))"
    in_use = "EXISTS (SELECT 1 FROM parts WHERE digest = OLD.digest)"
    functions = {
        "published": (published, PUBLISHED),
        "recorded": ("true", RECORDED),
        "overlap": (f"EXISTS ({_OPEN_OVERLAP})", OVERLAP),
        "issued": (f"TG_OP = 'DELETE' OR {_CODE_CHANGED}", ISSUED),
        "in_use": (in_use, IN_USE),
    }
    guards = [
        *((table, "INSERT OR UPDATE OR DELETE", "published") for table in OF_A_PLAN),
        ("plans", "UPDATE OR DELETE", "published"),
        *((table, "UPDATE OR DELETE", "recorded") for table in APPEND_ONLY),
        ("publications", "INSERT", "overlap"),
        ("codes", "UPDATE OR DELETE", "issued"),
        ("chunks", "UPDATE", "recorded"),
        ("chunks", "DELETE", "in_use"),
    ]
    everything = (*OF_A_PLAN, *APPEND_ONLY, "plans", "codes", "chunks")
    return [
        *(_function(name, *parts) for name, parts in functions.items()),
        *(
            f"CREATE TRIGGER guard_{table}_{function} BEFORE {action} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION gridplan_{function}()"
            for table, action, function in guards
        ),
        *(
            f"CREATE TRIGGER guard_{table}_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION gridplan_recorded()"
            for table in everything
        ),
    ]


def _function(name: str, when: str, message: str) -> str:
    return (
        f"CREATE OR REPLACE FUNCTION gridplan_{name}() RETURNS trigger LANGUAGE plpgsql AS $$\n"
        f"BEGIN\n  IF {when} THEN RAISE EXCEPTION '{message}'; END IF;\n"
        "  RETURN COALESCE(NEW, OLD);\nEND $$"
    )
