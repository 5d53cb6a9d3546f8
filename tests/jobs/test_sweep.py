import pytest
from PIL import Image

from impasto.errors import OutputError, SettingsError
from impasto.jobs import run_sweep as module
from impasto.jobs.run_sweep import run_sweep
from impasto.jobs.sweep import Sweep

TINY = {"size": 32, "iterations": 2}


@pytest.fixture
def plan(photo, styles, tmp_path):
    photo.resize((48, 40)).save(tmp_path / "photo.png")
    styles["mosaic"].resize((40, 48)).save(tmp_path / "style.png")
    return Sweep(
        content=tmp_path / "photo.png",
        styles=(tmp_path / "style.png",),
        output=tmp_path / "sheet.png",
        fixed=TINY,
        varied={"strength": (0.2, 0.8)},
    )


def test_there_and_back_through_json(plan):
    assert Sweep.model_validate_json(plan.model_dump_json()).cases == plan.cases


def test_too_many_pictures_are_counted_and_not_listed(plan):
    varied = {
        name: tuple(range(1, 101)) for name in ("seed", "iterations", "history", "style_weight", "content_weight")
    }
    with pytest.raises(SettingsError, match="10000000000 pictures are more than"):
        _ = plan.model_copy(update={"varied": varied}).cases


def test_an_interrupted_picture_is_not_taken_for_done(plan, monkeypatch):
    def interrupted(job, on_progress):
        result = real(job, on_progress)
        return type(result)(**{**vars(result), "stopped": "interrupted"})

    real = module.make
    monkeypatch.setattr(module, "make", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_sweep(plan)
    assert list(plan.folder.iterdir()) == []


def test_a_file_in_the_place_of_the_folder_is_told(plan):
    plan.folder.touch()
    with pytest.raises(OutputError, match="sheet' is a file, and the pictures go into a folder of that name"):
        run_sweep(plan)


def test_more_strength_comes_nearer_to_the_style(plan):
    weak, strong = run_sweep(plan.model_copy(update={"fixed": {"size": 64, "iterations": 20}}))
    assert strong.scores.gram < weak.scores.gram
    assert strong.scores.perceptual > weak.scores.perceptual


def test_each_picture_is_scored_by_its_own_styles(plan, styles, tmp_path):
    Image.new("RGB", (40, 40), (200, 30, 30)).save(tmp_path / "red.png")
    alone = [
        run_sweep(plan.model_copy(update={"styles": (style,), "output": tmp_path / f"{style.stem}-sheet.png"}))[0]
        for style in (tmp_path / "style.png", tmp_path / "red.png")
    ]
    both = plan.model_copy(
        update={
            "styles": (tmp_path / "style.png", tmp_path / "red.png"),
            "fixed": {**TINY, "strength": 0.2},
            "varied": {"style_weights": ("1,0", "0,1")},
        }
    )
    assert [each.scores.palette for each in run_sweep(both)] == pytest.approx(
        [each.scores.palette for each in alone], rel=0.05
    )
