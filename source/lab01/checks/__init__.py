"""The self-checks of the lab, one module a notebook. Notebooks reach them through lab."""
