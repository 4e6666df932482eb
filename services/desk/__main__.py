"""`python -m services.desk` works as a stage; `python -m services.desk door` serves the door."""

from services.desk.app import build
from services.desk.serving import serve
from shared.stage.main import main

if __name__ == "__main__":
    main(build, door=serve)
