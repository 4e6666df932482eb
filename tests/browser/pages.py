"""Every page that the desk serves, by its route, for the sweep of `test_access.py`
and `test_by_provider.py`.

`tests/core/test_console_every_page.py` holds this against the application's own routes.
"""

from tests.core.test_console_dead_letters import PAGE as LETTER
from tests.core.test_desk_examples import CASE, COMPLAINT

# On the installation with the demo's complaints: name, route, address. A name is a picture's too.
LIVED_IN = (
    ("cases", "/cases", "/cases?view=needs"),
    ("mine", "/cases", "/cases?view=mine"),
    ("approvals", "/approvals", "/approvals"),
    ("tasks", "/tasks", "/tasks"),
    ("live", "/live", "/live"),
    ("scorecard", "/scorecard", "/scorecard"),
)
# In a room without a broker, where a letter lies dead and the cores are in hand.
FURNISHED = (
    ("otherwise", "/cases/{case_id}", f"/cases/{CASE}?otherwise={COMPLAINT}#otherwise"),
    ("not found", "/find", "/find?q=K-00000000"),
    ("practice", "/practice", "/practice"),
    ("exercise", "/practice/{name}", "/practice/late"),
    ("letters", "/dead-letters", "/dead-letters"),
    ("letter", "/dead-letters/{partition}/{offset}", LETTER),
    ("letter, open", "/dead-letters/{partition}/{offset}", f"{LETTER}?open=yes"),
    ("policies", "/policies", "/policies"),
    ("a policy", "/policies", "/policies?file=recovery.yaml"),
    ("trying", "/policies/try", "/policies/try?file=recovery.yaml"),
    ("log", "/log", "/log"),
    ("nowhere", "/nowhere", "/nowhere"),
)
# Before anybody is signed in.
OUTSIDE = (
    ("sign-in", "/sign-in", "/sign-in"),
    ("link", "/sign-in/{secret}", "/sign-in/a-link-that-was-used"),
)
# With a provider that signs people in: name, and the route that answers so (`test_by_provider.py`).
BY_PROVIDER = (
    ("unbound", "/sign-in/provider/back"),
    ("entered", "/sign-in/provider/back"),
    ("provider away", "/sign-in/provider"),
)
# Answers that are no page of their own, and why.
NO_PAGES = {
    "/": "leads on to /cases",
    "/health": "is for machines",
    "/static/{name:path}": "style, script and mark",
    "/live/events": "figures for the page of the flow",
    "/cases/{case_id}/files/{reference}": "somebody's file",
}
