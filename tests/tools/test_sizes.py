"""The size check itself."""

from pathlib import Path

from tools.sizes import complaints


def test_a_small_file_is_fine() -> None:
    assert list(complaints({Path("a.py"): "def f() -> int:\n    return 1\n"})) == []


def test_a_long_file_and_the_median_are_named() -> None:
    found = list(complaints({Path("a.py"): "x = 1\n" * 301}))

    assert found == [
        "a.py has 301 lines; 300 is the limit. Split it by what it answers.",
        "The median file has 301 lines; 120 is the limit.",
    ]


def test_a_docstring_does_not_count_as_body() -> None:
    docstring = '    """Words.\n' + "    more\n" * 30 + '    """\n'
    code = "    x = 1\n"

    assert list(complaints({Path("a.py"): "def f() -> None:\n" + docstring + code * 50})) == []
    assert list(complaints({Path("a.py"): "def f() -> None:\n" + docstring + code * 51})) == [
        "a.py:1 f has 51 lines; 50 is the limit."
    ]
