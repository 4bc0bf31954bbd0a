"""ReleaseFeedback: feedback through nbgrader's exchange, to those who handed in through it."""

import glob
from pathlib import Path

from nbgrader.exchange.default import ExchangeReleaseFeedback

NOTED = ("timestamp.txt", "submission_secret.txt")  # by the exchange, beside each submission


class ReleaseFeedback(ExchangeReleaseFeedback):
    """Leaves out whoever did not hand in through the exchange, and says whom; nbgrader's stops."""

    src_path: str  # from init_src: the folders of feedback, with a * for the student

    def copy_files(self) -> None:
        pages = glob.glob(f"{self.src_path}/*.html")
        left_out = []
        for folder in sorted({Path(page).parent for page in pages}):
            if all((folder / name).is_file() for name in NOTED):
                self.src_path = glob.escape(str(folder))
                super().copy_files()
            else:
                left_out.append(folder.parent.name)
        excluded = self.coursedir.student_id_exclude.split(",")
        if left_out := [student for student in left_out if student not in excluded]:
            self.log.warning(
                "Left out, because they did not hand in through the exchange: %s. "
                "Send them their pages in feedback/ yourself.",
                ", ".join(left_out),
            )
