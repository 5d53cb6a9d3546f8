import pytest
import torch
from PIL import Image

import impasto
from impasto.errors import ImageError, OutputError, SettingsError
from impasto.methods.result import Result


@pytest.fixture
def job(photo, styles, tmp_path):
    photo.save(tmp_path / "photo.png")
    styles["mosaic"].save(tmp_path / "mosaic.png")
    settings = impasto.StylizeSettings(size=32, iterations=2, coarsest=32)
    return impasto.Job(
        content=tmp_path / "photo.png",
        styles=(tmp_path / "mosaic.png",),
        output=tmp_path / "out.png",
        settings=settings,
    )


def test_a_job_and_a_call_make_the_same_picture(job):
    impasto.run(job)
    called = impasto.stylize(job.content, *job.styles, **job.settings.model_dump())
    written = impasto.images.read(job.output, job.settings).pixels
    assert (written - called.picture.pixels).abs().max() <= 0.5001 / 255


@pytest.mark.parametrize(
    "chosen", [torch.inference_mode, lambda: torch.autocast("cpu", torch.bfloat16), lambda: torch.device("meta")]
)
@pytest.mark.parametrize("settings", [{"preset": "fast"}, {"iterations": 3}])
def test_what_the_caller_has_chosen_for_torch_changes_no_picture(chosen, settings, photo, styles):
    with chosen():
        found = impasto.stylize(photo, styles["mosaic"], size=64, **settings).picture.pixels
    assert torch.equal(found, impasto.stylize(photo, styles["mosaic"], size=64, **settings).picture.pixels)


def test_a_job_that_went_through_json_makes_the_same_bytes(job):
    impasto.run(job)
    first = job.output.read_bytes()
    impasto.run(impasto.Job.model_validate_json(job.model_dump_json()))
    assert job.output.read_bytes() == first


def test_what_somebody_may_not_expect_of_a_photo_is_told(job, tmp_path):
    def notes_of(content, **settings):
        chosen = job.model_copy(update={"content": content, "settings": job.settings.model_copy(update=settings)})
        return impasto.run(chosen).notes

    small, moving = tmp_path / "small.png", tmp_path / "moving.gif"
    Image.new("RGB", (16, 20), "gray").save(small)
    Image.new("L", (32, 32)).save(moving, save_all=True, append_images=[Image.new("L", (32, 32), 255)])
    assert notes_of(job.content) == notes_of(small) == []
    (told,) = notes_of(small, size=48)
    assert "16×20 pixels and was enlarged" in told
    (told,) = notes_of(moving)
    assert "holds 2 pictures" in told


def test_what_is_laid_over_a_photo_of_another_shape_is_told_to_be_stretched(job, tmp_path):
    height, width = impasto.images.shape_of(job.content)
    for size, told in (((width, height), 0), ((2 * width, 2 * height), 0), ((width, 2 * height), 1)):
        Image.new("L", size, 255).save(path := tmp_path / "mask.png")
        for name in ("mask", "protect", "init"):
            chosen = job.settings.model_copy(update={name: str(path)})
            notes = impasto.run(job.model_copy(update={"settings": chosen})).notes
            assert sum(f"--{name}: {path}" in note and "stretched" in note for note in notes) == told


def test_files_that_are_called_as_words_are_change_nothing(job, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for word in ("content", "faces", "vgg19", "student"):
        (tmp_path / word).write_text("notes")
    assert job.inputs == [job.content, *job.styles]
    assert impasto.run(job).notes == []


def test_what_cannot_be_laid_over_a_photo_is_told_before_any_work(job, tmp_path):
    (start := tmp_path / "start.png").write_text("notes")
    told = []
    for preset in ("draft", "fast"):
        chosen = impasto.StylizeSettings(preset=preset, size=64, init=start)
        with pytest.raises(ImageError):
            impasto.run(job.model_copy(update={"settings": chosen}), told.append)
    assert told == []


def test_what_belongs_to_a_search_is_told_to_mean_nothing_in_one_pass(job):
    def notes_of(**settings):
        return impasto.stylize(job.content, *job.styles, size=64, **settings).notes

    assert notes_of(preset="fast", seed=3, strength=0.3, iterations=60) == []
    (told,) = notes_of(preset="fast", iterations=5, init="noise", style_loss="gram")
    assert told.startswith("--style-loss, --init, --iterations: of no effect")
    assert notes_of(preset="draft", iterations=1, style_loss="gram") == []
    assert notes_of(preset="best", method="feedforward") == []


def test_what_belongs_to_one_pass_is_told_to_mean_nothing_in_a_search(job):
    def notes_of(**settings):
        return impasto.stylize(job.content, *job.styles, size=32, iterations=1, **settings).notes

    assert notes_of(seed=3) == notes_of(brushes=3) == []
    (told,) = notes_of(brushes=2)
    assert told.startswith("--brushes: of no effect, as they belong to one pass")


def test_ctrl_c_while_the_picture_is_written_does_not_cost_it(job, monkeypatch):
    save, tries = Result.save, []

    def interrupted_once(result, path):
        tries.append(path)
        if len(tries) == 1:
            raise KeyboardInterrupt
        save(result, path)

    monkeypatch.setattr(Result, "save", interrupted_once)
    impasto.run(job)
    assert impasto.images.read(job.output, job.settings).shape == (27, 32)


def test_an_output_that_cannot_be_written_is_told_before_any_work(job, tmp_path):
    nowhere = job.model_copy(update={"output": tmp_path / "no" / "out.png"})
    told = []
    with pytest.raises(OutputError):
        impasto.run(nowhere, told.append)
    assert told == []


def test_one_pass_has_nothing_to_go_on_from_and_touches_no_file(job, tmp_path):
    (mine := tmp_path / "mine.txt").write_text("mine")
    fast = job.model_copy(update={"settings": impasto.StylizeSettings(preset="fast", size=64)})
    with pytest.raises(SettingsError, match="checkpoint: one pass has no steps"):
        impasto.run(fast, checkpoint=mine)
    assert mine.read_text() == "mine"


def test_every_file_that_is_read_is_an_input(tmp_path):
    names = ("photo", "style", "start", "mask", "map", "kept", "content-net", "style-net", "sketch-net")
    paths = {name: tmp_path / name for name in names}
    for path in paths.values():
        path.touch()
    settings = impasto.StylizeSettings(
        init=paths["start"],
        mask=paths["mask"],
        style_mask=(paths["map"],),
        protect=paths["kept"],
        content_network=paths["content-net"],
        style_network=paths["style-net"],
        sketch_network=paths["sketch-net"],
    )
    job = impasto.Job(content=paths["photo"], styles=(paths["style"],), output=tmp_path / "out.png", settings=settings)
    assert job.inputs == [*paths.values()]
    plain = impasto.Job(content=paths["photo"], styles=(paths["style"],), output=tmp_path / "out.png")
    assert plain.inputs == [paths["photo"], paths["style"]]


def test_a_job_writes_over_none_of_its_inputs_but_what_it_starts_from(job):
    for place in (job.content, *job.styles):
        before = place.read_bytes()
        with pytest.raises(OutputError, match="also an input of this run"):
            impasto.run(job.model_copy(update={"output": place}))
        assert place.read_bytes() == before
    settings = job.settings.model_copy(update={"init": str(job.output)})
    impasto.run(job)
    first = job.output.read_bytes()
    impasto.run(job.model_copy(update={"settings": settings}))
    assert job.output.read_bytes() != first


def test_with_a_checkpoint_not_over_what_it_starts_from_either(job, tmp_path):
    job.output.write_bytes(job.content.read_bytes())
    settings = job.settings.model_copy(update={"init": str(job.output)})
    with pytest.raises(OutputError, match="also an input of this run"):
        impasto.run(job.model_copy(update={"settings": settings}), checkpoint=tmp_path / "run.checkpoint")
    assert job.output.read_bytes() == job.content.read_bytes()


def test_nor_over_a_start_that_is_another_input_as_well(job, tmp_path):
    Image.new("L", (32, 27), 255).save(mask := tmp_path / "mask.png")
    for place, others in ((job.content, {}), (job.styles[0], {}), (mask, {"protect": str(mask)})):
        before = place.read_bytes()
        settings = job.settings.model_copy(update={"init": str(place), **others})
        with pytest.raises(OutputError, match="also an input of this run"):
            impasto.run(job.model_copy(update={"output": place, "settings": settings}))
        assert place.read_bytes() == before
