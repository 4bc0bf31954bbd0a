"""The one place where nbgrader is configured, for its commands, Formgrader and `grade`."""

from grading import configure

c = get_config()  # noqa: F821  given by Jupyter's configuration loader
configure(c)  # what you want to be otherwise, say behind this line

c.CourseDirectory.course_id = "course_name"
