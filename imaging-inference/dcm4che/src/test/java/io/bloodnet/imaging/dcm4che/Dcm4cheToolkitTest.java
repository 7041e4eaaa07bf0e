package io.bloodnet.imaging.dcm4che;

import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.dicom.DicomToolkit;
import io.bloodnet.imaging.dicom.DicomToolkitContract;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** dcm4che under the contract of the own toolkit: where the two differ, one of them is wrong. */
class Dcm4cheToolkitTest extends DicomToolkitContract {

    @Override
    protected DicomToolkit toolkit() {
        return new Dcm4cheToolkit(DicomLimits.DEFAULT);
    }

    @TestFactory
    Stream<DynamicTest> reads_every_file_at_hand_like_the_own_toolkit() {
        return everyFileAtHand();
    }
}
