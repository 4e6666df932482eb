"""`python -m services.intake` runs the stage; `python -m services.intake door` the HTTP door."""

from services.intake.app import build
from services.intake.door import serve
from shared.stage.main import main

if __name__ == "__main__":
    main(build, door=serve)
