"""Hostile and damaged submissions: what each tries, and the status and marks it must get."""
