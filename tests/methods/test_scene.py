from impasto.methods.scene import shares_of


def test_shares_of_styles_are_their_weights_and_add_up_to_one() -> None:
    assert shares_of("", 4) == [0.25] * 4
    assert shares_of("3,1", 2) == [0.75, 0.25]
    assert shares_of("1e308,1e308", 2) == [0.5, 0.5], "together more than any number"
