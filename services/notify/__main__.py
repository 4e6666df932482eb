"""`python -m services.notify`: the verbs every stage has."""

from services.notify.app import build
from shared.stage.main import main

if __name__ == "__main__":
    main(build)
