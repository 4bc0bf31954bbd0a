"""What a course replaces of nbgrader beside its preprocessors; settings.py names them."""
