"""`python -m services.recovery` runs the stage; `migrate` brings its tables up to date."""

from services.recovery.app import build
from shared.stage.main import main

if __name__ == "__main__":
    main(build)
