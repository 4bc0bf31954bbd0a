"""Wrong answers that students really give, one module a notebook, as a student would write them."""
