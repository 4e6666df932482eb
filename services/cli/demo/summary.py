"""What the demo came to, for people."""
from services.cli.demo.run import Counted


def show_summary(counted: Counted, *, to_stderr: bool) -> None:
    print(counted.object, counted.tally.traits, counted.books)
    for s in counted.tally.waiting: print(s)

def show_story(events, settings): ...
