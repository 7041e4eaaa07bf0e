"""On what terms data may be used, as the `SOURCE.txt` beside them says: the weights' own LICENSE repeats it."""

from pathlib import Path

from bloodnet_training.outlines import SOURCE_FILE

#: Terms that allow research alone say so in this word.
NON_COMMERCIAL = "non-commercial"
WEIGHTS_LICENSE = """Terms of the weights in model.onnx

The program around them is under the project's own licence. These weights were computed from the data below and are for
{use}. No warranty. Not cleared or approved by any authority; no medical device.
Whoever passes them on passes this file on with them.
"""


def terms_of(folder: Path) -> str:
    """What SOURCE.txt says of a folder of data. Raises ValueError when there is none: data of nobody knows whom train nothing."""
    said = folder / SOURCE_FILE
    text = said.read_text(encoding="utf-8").strip() if said.exists() else ""
    if not text:
        raise ValueError(f"{folder.name}: no {SOURCE_FILE} says whose data it is and on what terms")
    return text


def is_free(folder: Path) -> bool:
    """Whether the data may train weights that are not for research alone."""
    return NON_COMMERCIAL not in terms_of(folder).lower()


def weights_license(folders: list[Path]) -> str:
    """The LICENSE beside weights that these folders trained."""
    free = all(is_free(folder) for folder in folders)
    use = "any use that the terms below allow" if free else "non-commercial research and education only, with the citations below"
    parts = [f"== {folder.name}\n{terms_of(folder)}" for folder in folders]
    return WEIGHTS_LICENSE.format(use=use) + "\n" + "\n\n".join(parts) + "\n"
