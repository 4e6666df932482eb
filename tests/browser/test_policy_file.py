"""A changed policy from a file, in a real browser: chosen, sent, and told; too much of it, too."""

from playwright.sync_api import Browser, FilePayload

from shared.policy import POLICY_DIR
from tests.browser.served import signed_in
from tests.core.console_world import Room
from tests.core.test_desk_examples import LEAD

FILE = "recovery.yaml"
# The door reads 64 KiB of any form, and answers while the browser still sends.
LARGE_BYTES = 3 << 20


def test_a_file_is_chosen_and_told_of(whole: tuple[Room, str], chrome: Browser) -> None:
    """A large file ends in a page of the browser's own, and nobody knows what was wrong."""
    room, url = whole
    context, page = signed_in(chrome, room, url=url, person=LEAD)
    for content, told in (
        ((POLICY_DIR / FILE).read_bytes(), ": 0, "),
        (b"\xff\xfe", "policy_not_text"),
        (b"#" * LARGE_BYTES, "policy_too_large"),
    ):
        page.goto(f"/policies/try?file={FILE}")
        chosen: FilePayload = {"name": FILE, "mimeType": "text/yaml", "buffer": content}
        page.locator("#upload").set_input_files(chosen)
        page.locator("form:has(#upload) button").click()
        page.locator(".flash").wait_for()
        assert told in page.locator(".flash").inner_text()
        wrong = page.locator("#upload").get_attribute("aria-invalid")
        assert wrong == ("true" if told.startswith("policy") else None)
    context.close()
