"""Right answers, written in other ways than the reference: all of them must earn everything."""
