"""All that the notebooks use: the self-checks and the figures."""

from checks.shares import check_lab_name_shares
from figures import show_shares
from labkit.progress import main, show_progress
from labkit.steps import CheckFailed

__all__ = ["CheckFailed", "check_lab_name_shares", "show_progress", "show_shares"]

if __name__ == "__main__":
    main()
