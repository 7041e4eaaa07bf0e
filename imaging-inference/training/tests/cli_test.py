"""What the command line makes of its options."""

import pytest

from bloodnet_training import jobs
from bloodnet_training.cli import main


def it_leaves_data_for_research_alone_out_when_told(tmp_path, monkeypatch):
    for name, text in (("free", "CC BY 4.0."), ("bound", "Non-commercial purposes only.")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "SOURCE.txt").write_text(text)
    seen = []
    monkeypatch.setattr(jobs, "make_pool", lambda options: seen.append([folder.name for folder in options.also]) or 0)
    command = ["make-pool", "--data", "x", "--pool", "p", "--shards", "1"]
    command += ["--also", str(tmp_path / "free"), "--also", str(tmp_path / "bound")]
    assert main(command) == main([*command, "--free-only"]) == 0
    assert seen == [["free", "bound"], ["free"]]


@pytest.mark.parametrize(("command", "more"), [("together", []), ("compare", ["--table", "t"])])
def it_refuses_single_slices_where_they_would_not_be_learnt_as_elsewhere(command, more):
    with pytest.raises(SystemExit, match="--also"):
        main([command, "--data", "x", "--pool", "p", "--work", "w", "--also", "slices", *more])
