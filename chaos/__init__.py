"""Chaos: runs interrupted at random moments, in every way there is, must come out the same.

    python -m chaos --count 200

It is a test of the whole, from outside: only the command line is used, and what lies on the disk
is compared byte by byte with what an undisturbed run has written.
"""

__all__: list[str] = []
