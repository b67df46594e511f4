"""Draw the picture of README.md: python tools/readme_picture.py writes book/assets/readme.svg."""

from pathlib import Path

import matplotlib.pyplot as plt

from rmsprop_lib import GradientDescent, RMSProp, figures, problems, run

OUT = Path(__file__).resolve().parent.parent / "book/assets/readme.svg"


def main() -> None:
    """Two runs in one ravine: where they went, and how fast the loss fell."""
    plt.switch_backend("Agg")
    figures.use_style()
    plt.rcParams["svg.hashsalt"] = "readme"  # the same bytes every time
    ravine = problems.ravine()
    # The constant rate that is best for gradient descent here is 2 / (1 + κ), just above this one.
    runs = [run(GradientDescent(lr=0.09), ravine, steps=60), run(RMSProp(lr=0.1, beta=0.9, eps=1e-8), ravine, steps=60)]
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    figures.paths(*runs, ax=left)
    figures.losses(*runs, ax=right)
    figure.savefig(OUT, metadata={"Date": None}, facecolor="white")  # readable on a dark page too


if __name__ == "__main__":
    main()
