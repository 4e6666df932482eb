"""The page of the policies in force."""

from pathlib import Path

from services.desk.web.policies import files
from shared.policy import policy_dir
from tests.core.console_world import Room


def test_a_policy_is_read_as_it_stands(tmp_path: Path) -> None:
    """Whoever answers for a rule must ask a developer what it says."""
    me = Room(tmp_path).agent()
    page = me.sees("/policies")
    assert "regimes/consumer_purchase.yaml" in page
    assert "How we make things right" in page
    page = me.sees("/policies?file=texts/nn/complainant.yaml")
    assert (policy_dir() / "texts/nn/complainant.yaml").read_text().strip() in page


def test_nothing_else_is_read(tmp_path: Path) -> None:
    """A path in the address opens any file of the machine."""
    me = Room(tmp_path).agent()
    for name in ("../../pyproject.toml", "/etc/passwd", "recovery", "weights/tone.json", "./"):
        me.sees(f"/policies?file={name}")
        assert me.answer.status_code == 404
    secret = tmp_path / "secret.yaml"
    secret.write_text("key: 1")
    folder = tmp_path / "policy"
    folder.mkdir()
    (folder / "mine.yaml").write_text("# Mine.")
    (folder / "link.yaml").symlink_to(secret)
    assert list(files(folder)) == ["mine.yaml"]
