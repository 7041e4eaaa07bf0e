package io.bloodnet.imaging.codec;

import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.dicom.DicomToolkit;
import io.bloodnet.imaging.dicom.DicomToolkitContract;

/** The own toolkit under the contract that a second one must keep, too. */
class OwnToolkitTest extends DicomToolkitContract {

    @Override
    protected DicomToolkit toolkit() {
        return new OwnToolkit(DicomLimits.DEFAULT);
    }
}
