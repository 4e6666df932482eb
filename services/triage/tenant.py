"""The organisation's own words for those whom it serves, and who counts as what."""

from services.triage.what_counts import Part
from shared.contracts.contract import Role


class TenantRole(Part):
    """Words of the organisation's own, and who is meant by them."""

    words: tuple[str, ...]
    role: Role


class Tenant(Part):
    """`tenant.yaml`: the organisation's own words, and who counts as what."""

    roles: tuple[TenantRole, ...] = ()

    @property
    def lists(self) -> dict[str, tuple[str, ...]]:
        """The words of each rule, by the label under which they are found."""
        return {self.label(at): rule.words for at, rule in enumerate(self.roles)}

    @staticmethod
    def label(at: int) -> str:
        """The label of the so-many-th rule."""
        return f"tenant.{at}"
