"""What nbgrader lets a course replace, beside its preprocessors; nbgrader_config.py names them."""
