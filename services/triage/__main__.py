"""Runs the triage stage: `python -m services.triage`."""

from services.triage.app import build
from shared.stage.main import main

if __name__ == "__main__":
    main(build)
