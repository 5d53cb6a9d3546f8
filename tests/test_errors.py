import shlex
import sys
from importlib.metadata import PackageNotFoundError

from packaging.requirements import Requirement

from impasto import errors


def test_a_near_name_is_offered():
    assert errors.did_you_mean("relu4_11", ["relu4_1", "relu5_1"]) == " Did you mean 'relu4_1'?"


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


def test_where_impasto_is_not_installed_the_extra_is_that_of_its_folder(monkeypatch):
    def missing(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr("importlib.metadata.requires", missing)
    assert str(errors.MissingExtraError("a plot", "plots")).endswith("pip install '.[plots]'")
