"""The picture of failures shows what it says it shows."""

import numpy as np

from bloodnet_training.failures import MASK_COLOUR, TRUTH_COLOUR, Case, _outline, _tile, _worst


def a_case(kind: str, badness: float) -> Case:
    truth, mask = np.zeros((256, 256), bool), np.zeros((256, 256), bool)
    truth[100:110, 100:110] = True
    mask[150:155, 150:155] = True
    return Case(kind, badness, np.full((256, 256), 30.0, np.float32), truth, mask, 0.5)


def it_keeps_the_worst_of_each_kind_and_the_worst_kinds_first():
    cases = [a_case("a", 1.0), a_case("b", 5.0), None, a_case("a", 3.0), *(a_case(k, 0.1) for k in "cdef")]
    worst = _worst(cases)
    assert [(case.kind, case.badness) for case in worst[:2]] == [("b", 5.0), ("a", 3.0)]
    assert len(worst) == 4


def it_outlines_a_shape_by_its_rim():
    shape = np.zeros((256, 256), bool)
    shape[10:14, 20:25] = True
    outline = _outline(shape)
    assert outline.sum() == 4 * 5 - 2 * 3
    assert not outline[11:13, 21:24].any()


def it_shows_truth_and_mask_in_their_colours():
    colours = np.asarray(_tile(a_case("a", 1.0)))
    assert tuple(colours[100 - 16 + 14, 100 - 16]) == TRUTH_COLOUR
    assert tuple(colours[150 - 16 + 14, 150 - 16]) == MASK_COLOUR
    assert tuple(colours[105 - 16 + 14, 105 - 16]) not in (TRUTH_COLOUR, MASK_COLOUR)
