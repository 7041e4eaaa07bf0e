"""Figures of each source, and what may be said of the weights that it trained."""

import numpy as np
import pytest

from bloodnet_training.by_source import MaskedPatient, SourceSlices, mask_figures, source_figures
from bloodnet_training.card import render_card
from bloodnet_training.terms import is_free, terms_of, weights_license


def slices(scores, bleeding, kind=4) -> SourceSlices:
    bleeding = np.array(bleeding)
    subtypes = np.zeros((len(bleeding), 5), bool)
    subtypes[bleeding, kind] = True
    return SourceSlices(np.array(scores), bleeding, subtypes, np.array([f"P{n}" for n in range(len(bleeding))]))


def it_tells_kinds_apart_by_slices_without_any_blood():
    clean, blood = list(np.linspace(0.0, 0.5, 20)), list(np.linspace(0.4, 1.0, 10))
    report = source_figures(slices(clean + blood, [False] * 20 + [True] * 10))
    assert report["slices"] == 30 and report["bleeding"] == 10 and report["persons"] == 30
    assert report["auc"]["value"] == report["aucByKind"]["subdural"]["value"] > 0.95
    assert list(report["aucByKind"]) == ["subdural"]
    assert report["sensitivity"]["value"] == pytest.approx(np.mean(np.array(blood) > np.quantile(clean, 0.9)), abs=1e-3)


def it_says_only_how_many_where_all_slices_bleed():
    assert set(source_figures(slices([0.1, 0.2], [True, True]))) == {"slices", "bleeding", "persons"}


def it_counts_a_kind_only_where_it_is_alone():
    found = [MaskedPatient("x", 50, 100, 100, ("subdural",)), MaskedPatient("x", 0, 20, 100, ("subdural", "epidural"))]
    report = mask_figures(found)
    assert report["diceByKind"] == {"subdural": {"patients": 1, "value": 0.5}}
    assert report["volumeBias"] == pytest.approx(-0.4)
    assert report["dice"]["value"] == 0.25


def it_repeats_terms_and_knows_those_that_are_for_research_alone(tmp_path):
    for name, text in (("free", "CC BY 4.0. Cite A."), ("bound", "For Non-Commercial purposes only. Cite B.")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "SOURCE.txt").write_text(text)
    free, bound = tmp_path / "free", tmp_path / "bound"
    assert is_free(free) and not is_free(bound)
    assert "non-commercial research and education only" in weights_license([free, bound])
    assert "non-commercial" not in weights_license([free])
    assert "Cite A." in weights_license([free, bound]) and "Cite B." in weights_license([free, bound])


def it_refuses_data_of_which_nobody_says_whose_they_are(tmp_path):
    with pytest.raises(ValueError, match="whose data"):
        terms_of(tmp_path)


def manifest(sources: dict) -> dict:
    figure = {"value": 0.5, "interval95": [0.4, 0.6]}
    figures = {"patients": 6, "bleedingPatients": 3, "slices": 6, "studyAuc": figure, "sliceAuc": figure, "byFold": []}
    texts = ("data", "annotation", "pretraining", "workingResolution", "precision", "terms", "note")
    counts = ("imagesPerMember", "membersPerFold", "membersOnEveryone", "foldMembersServed", "folds")
    mask = {"patients": 2, "dice": figure, "diceByKind": {"subdural": {"patients": 1, "value": 0.5}}, "volumeBias": -0.4}
    return {
        **{"id": "x", "version": "1", "members": 1, "opset": 17, "sha256": "0", "memberKinds": ["k"], "operatingPoints": []},
        "training": dict.fromkeys(texts, "made up") | dict.fromkeys(counts, 1) | {"seeds": {}},
        "evaluation": {
            "crossValidation": figures | {"sliceSensitivityBySubtype": {}, "studySensitivityByExtent": {}, "bySource": sources},
            "syntheticLesions": {"samples": 4, "meanDice": 0.7},
            "outlines": {"patients": 2, "meanDice": figure, "bySource": {"other": mask}},
        },
        "software": {},
    }


def it_prints_a_table_of_sources():
    figure = {"value": 0.8, "interval95": [0.7, 0.9]}
    other = {"slices": 30, "bleeding": 10, "auc": figure, "sensitivity": figure, "aucByKind": {"subdural": figure | {"slices": 10}}}
    card = render_card(manifest({"other": other}))
    row = "| other | 30 (10) | 0.800 (0.700 to 0.900) | 0.800 (0.700 to 0.900) | 0.800 (0.700 to 0.900), 10 slices | 0.500 (0.400 to 0.600) (2) | -40% |"
    assert row in card and "subdural 0.50 (1)" in card
    assert "by source" not in render_card(manifest({}))
