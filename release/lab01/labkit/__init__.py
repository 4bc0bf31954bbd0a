"""What every hand-out carries: self-checks, drawings, progress, and reports of pytest.

It is written once, here, and comes into each hand-out when that is generated. Nothing in it is
about the subject of a lab.
"""
