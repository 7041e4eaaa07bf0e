"""Entry point of `python -m bloodnet_training`."""

from bloodnet_training.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
