"""What was asked for last is kept."""

from impasto.recent import Recent


def asked(recent: Recent[str], keys: list[str | None]) -> list[str]:
    """What had to be made."""
    made = []

    def make(key: str | None) -> str:
        made.append(f"{key}")
        return f"value of {key}"

    for key in keys:
        assert recent.get(key, lambda key=key: make(key)) == f"value of {key}"
    return made


def test_what_is_known_is_not_made_again_but_for_what_was_not_asked_for_long() -> None:
    assert asked(Recent(2), ["a", "b", "a", "c", "a", "b"]) == ["a", "b", "c", "b"]


def test_nothing_is_kept_without_a_key() -> None:
    recent: Recent[str] = Recent(2)
    assert asked(recent, ["a", None, None, None, "a"]) == ["a", "None", "None", "None"]
