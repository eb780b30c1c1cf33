"""A mistake of ours as its user should read it: one sentence, never a traceback, never the error's own text."""

from pathlib import Path


def mistake(error: BaseException) -> str:
    """The sentence. The error's text stays out of it: it may repeat inputs, so secrets."""
    return (
        f"unexpected {type(error).__name__} in {_place(error)}; this is a bug of pulumi-inference, please report it "
        "with this line"
    )


def _place(error: BaseException) -> str:
    """Where in our code it was raised: ``resources/artifact.py:77``. (``traceback`` obeys ``sys.tracebacklimit``.)"""
    here, root, place = error.__traceback__, Path(__file__).parents[1], "unknown code"
    while here is not None:
        file = Path(here.tb_frame.f_code.co_filename)
        if file.is_relative_to(root):
            place = f"{file.relative_to(root)}:{here.tb_lineno}"
        here = here.tb_next
    return place
