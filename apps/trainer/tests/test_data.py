import json
import random

import pytest
from PIL import Image

from slipstream_train.cli import main
from slipstream_train.data import Picture, draw_prompt, image_folder_pictures, premultiplied
from slipstream_train.emoji import emoji_pictures
from slipstream_train.errors import TrainerError
from slipstream_train.prompt_tokenizer import build_prompt_tokenizer


def image_folder(folder, lines: list[dict]):
    Image.new("RGB", (40, 30), "red").save(folder / "red.png")
    folder.joinpath("metadata.jsonl").write_text("\n".join(json.dumps(line) for line in lines))
    return folder


def test_emoji_have_names_categories_and_transparent_ground():
    pictures = emoji_pictures(32)
    byName = {picture.name: picture for picture in pictures}
    assert len(pictures) > 500
    assert "food" in byName["pizza"].categories
    assert byName["pizza"].image.size == (32, 32)
    assert premultiplied([byName["pizza"].image])[0, 3, 0, 0] == 0


def test_an_image_folder_is_read_with_text_or_label(tmp_path):
    rows = [{"file_name": "red.png", "text": "Red Square"}, {"file_name": "red.png", "label": 3}]
    pictures = image_folder_pictures(image_folder(tmp_path, rows), 16)
    assert [picture.name for picture in pictures] == ["red square", "3"]
    assert pictures[0].image.size == (16, 16) and pictures[1].categories == ("3",)


@pytest.mark.parametrize(("line", "message"), [
    ({"text": "no file"}, "needs `file_name`"),
    ({"file_name": "red.png"}, "`text` or `label`"),
    ({"file_name": "absent.png", "text": "x"}, "absent.png is not a readable picture"),
])
def test_a_bad_line_names_itself(tmp_path, line, message):
    with pytest.raises(TrainerError, match=message):
        image_folder_pictures(image_folder(tmp_path, [line]), 16)


def test_a_folder_without_metadata_is_a_one_line_error(tmp_path, capsys):
    code = main(["data", "--preset", "tiny", "--work", str(tmp_path / "run"), "--images", str(tmp_path)])
    assert code == 1
    assert "metadata.jsonl is missing" in capsys.readouterr().err


def test_a_stage_before_its_turn_names_the_stage_to_run(tmp_path, capsys):
    assert main(["base", "--preset", "tiny", "--work", str(tmp_path)]) == 1
    assert "slipstream-train data" in capsys.readouterr().err


def test_a_folder_of_another_run_is_refused(tmp_path, capsys):
    main(["base", "--preset", "tiny", "--work", str(tmp_path)])
    assert main(["base", "--preset", "tiny", "--work", str(tmp_path), "--seed", "1"]) == 1
    assert "choose another --work" in capsys.readouterr().err


def test_prompts_are_names_keywords_categories_and_nothing():
    picture = Picture("slice of pizza", ("cheese", "slice"), ("food",), image=None)
    drawn = {draw_prompt(picture, random.Random(seed)) for seed in range(200)}
    assert {"", "food", "slice of pizza", "cheese"} <= drawn


def test_prompt_ids_have_one_length_and_unseen_words_are_unknown():
    tokenizer = build_prompt_tokenizer(["slice of pizza"], length=4)
    assert tokenizer.encode("").ids == [0, 0, 0, 0]
    known = tokenizer.encode("Pizza, SLICE!").ids
    assert known[2:] == [0, 0] and min(known[:2]) >= 2
    assert tokenizer.encode("quux").ids == [1, 0, 0, 0]
    assert len(tokenizer.encode("of " * 50).ids) == 4
