"""The one error that a person at the keyboard can mend."""


class UserError(Exception):
    """Something that the user can put right: wrong settings, missing or damaged files, a full disk.

    The message is one line that says what is wrong, where, and the way out. The command line and Kedro's entry
    print it on stderr and end with status 1; no traceback is shown. Errors of the program keep theirs.
    """
