"""`python -m manual`: write again all that is generated from the program.

docs/reference/ has the pages of the site, manual/share/ what a wheel installs under share/.
"""

from pathlib import Path

from manual.files import write_all

if __name__ == "__main__":
    root = Path(__file__).parents[1]
    for path in write_all(root):
        print(path.relative_to(root))
