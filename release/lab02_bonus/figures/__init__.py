"""The figures of the notebooks, one module a notebook. Notebooks reach them through lab."""
