"""The process in which custom rules run; ``process.py`` starts it."""

from .worker import main

main()
