"""Whether the gradebook can be used: reached, written, and of the nbgrader that is installed."""

from nbgrader.api import Base
from sqlalchemy import Engine, create_engine, inspect
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from grading.course import CONFIG_FILE, Course, CourseError


def require_gradebook(course: Course) -> None:
    """Raise CourseError, in one line, where the gradebook cannot be used."""
    try:
        engine = create_engine(course.database_url)
        try:
            _require_usable(engine)
        finally:
            engine.dispose()
    except (ImportError, SQLAlchemyError) as error:
        raise CourseError(_what_to_do(error)) from error


def _require_usable(engine: Engine) -> None:
    """A database without tables is a new one, for nbgrader to fill."""
    found = inspect(engine)
    tables = found.get_table_names()
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:  # SQLite locks the whole file for one writer
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            connection.rollback()
    columns = {name: {one["name"] for one in found.get_columns(name)} for name in tables}
    lacking = [
        str(column)
        for table in (Base.metadata.sorted_tables if "student" in tables else [])
        for column in table.columns
        if column.name not in columns.get(table.name, ())
    ]
    if lacking:
        raise CourseError(
            f"The gradebook was made by an older nbgrader: it lacks {', '.join(lacking)}. "
            "`nbgrader db upgrade` brings it up to date, and keeps a copy of it as it is."
        )


def _what_to_do(error: Exception) -> str:
    reason = str(error).splitlines()[0]
    if isinstance(error, OperationalError) and "locked" in reason:
        return (
            "The gradebook is locked: another program is writing into it. Wait until it is done, "
            "or end it (an nbgrader command, a viewer of databases), and try again."
        )
    if "file is not a database" in reason:
        return (
            "The gradebook is no database: its file holds something else. Put a copy of the "
            "gradebook in its place, or move it away: a new one is made, and all are graded again."
        )
    return (
        f"The gradebook cannot be opened ({reason}). Look at --db, or at db_url in {CONFIG_FILE}. "
        "PostgreSQL needs `uv sync --group postgresql`."
    )
