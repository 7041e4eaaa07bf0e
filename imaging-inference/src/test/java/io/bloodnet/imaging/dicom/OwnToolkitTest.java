package io.bloodnet.imaging.dicom;

/** The own toolkit under the contract that a second one must keep, too. */
class OwnToolkitTest extends DicomToolkitContract {

    @Override
    protected DicomToolkit toolkit() {
        return new OwnToolkit(DicomLimits.DEFAULT);
    }
}
