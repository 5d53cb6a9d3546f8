import pickle
import shlex
import sys
from importlib.metadata import PackageNotFoundError

import pytest
from packaging.requirements import Requirement

import impasto
from impasto import errors
from impasto.errors import ImpastoError


def test_a_near_name_is_offered():
    assert errors.did_you_mean("relu4_11", ["relu4_1", "relu5_1"]) == " Did you mean 'relu4_1'?"
    assert errors.did_you_mean("vgg16", ["vgg19", "vgg16-torchvision"]) == " Did you mean 'vgg16-torchvision'?"


def test_without_a_near_name_all_are_listed():
    assert errors.did_you_mean("zzz", ["relu4_1", "relu5_1"]) == " Known: relu4_1, relu5_1."


def test_one_class_catches_them_all():
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    assert len(kinds) >= 7
    assert all(issubclass(kind, errors.ImpastoError) for kind in kinds)


def test_a_missing_extra_says_what_to_type():
    told = str(errors.MissingExtraError("a plot", "plots"))
    start, _, command = told.partition(": ")
    python, *rest = shlex.split(command)
    assert start == "a plot needs an optional package"
    assert python == sys.executable
    assert rest[:3] == ["-m", "pip", "install"]
    assert [Requirement(word).name for word in rest[3:]] == ["matplotlib"]  # by its own name, never by ours


def test_errors_come_back_from_another_process():
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    for kind in kinds:
        error = kind("a plot", "plots") if kind is errors.MissingExtraError else kind("it is too small")
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), str(again)) == (kind, str(error))


def test_where_impasto_is_not_installed_the_extra_is_that_of_its_folder(monkeypatch):
    def missing(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr("importlib.metadata.requires", missing)
    assert str(errors.MissingExtraError("a plot", "plots")).endswith("pip install '.[plots]'")


@pytest.mark.parametrize(
    "given", [{"styles": ["a" * 300]}, {"init": "a" * 300}, {"painter": "a" * 300, "preset": "fast"}]
)
def test_a_name_that_is_too_long_is_told_like_any_other(given, photo) -> None:
    styles = given.pop("styles", ["scream"]) if "preset" in given else given.pop("styles", [photo])
    with pytest.raises(ImpastoError, match="aaa"):
        impasto.stylize(photo, *styles, size=48, iterations=2, **given)
