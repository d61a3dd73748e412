"""What ends a command, and with which exit status."""

INVALID, USAGE, RENDERING = 1, 2, 3
DIFFERENT = 1


class StudyError(Exception):
    """A message for the user that says what is wrong and what to do; `status` is the command's exit status."""

    status = USAGE


class UsageError(StudyError):
    """A wrong option, an unreadable folder or settings file."""


class InvalidData(StudyError):
    """The data cut has not passed the gate; `findings` are what stood in the way."""

    status = INVALID

    def __init__(self, message: str, findings=()):
        super().__init__(message)
        self.findings = tuple(findings)


class RenderingFailed(StudyError):
    """The report could not be made; the last good one is untouched."""

    status = RENDERING
