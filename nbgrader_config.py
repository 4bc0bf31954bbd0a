"""The one place where nbgrader is configured, for its commands, Formgrader and `grade`."""

from grading import configure

c = get_config()  # noqa: F821  given by Jupyter's configuration loader
configure(c)  # grading/settings.py says to what

c.CourseDirectory.course_id = "sliding-window-lab"
# Take the sign away from the first line, and from the second for another rate than 10 %.
# c.AssignLatePenalties.plugin_class = "grading.plugins.late.PercentADay"
# c.PercentADay.percent = 20  # of the points earned, for each day begun after the due date
