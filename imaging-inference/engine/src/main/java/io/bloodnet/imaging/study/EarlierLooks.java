package io.bloodnet.imaging.study;

import io.bloodnet.imaging.growing.GrowingStudy;

/**
 * A study that is looked at more than once.
 *
 * @param study what is known of it from looks before this one
 * @param growing whether it grows: then only what can be told now need be known now
 */
record EarlierLooks(GrowingStudy study, boolean growing) {}
