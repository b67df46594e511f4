"""`python -m rmsprop_lib.grading`: grade a class, write student notebooks, export an autograder."""

import sys

from .command_line import main

sys.exit(main())
