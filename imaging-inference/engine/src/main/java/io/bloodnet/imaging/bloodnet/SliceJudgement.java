package io.bloodnet.imaging.bloodnet;

/**
 * What the network says of one SliceWindow's centre slice.
 *
 * @param probability of hemorrhage, 0 to 1
 * @param maskBits 512 x 512 bits as in {@code Mask.Frame}, set where the mask reaches its threshold; not to be changed
 * @param maskVoxels bits that are set
 * @param sureVoxels voxels that would stay in the mask if its threshold asked for three times the odds; at most {@code maskVoxels}
 * @param possibleVoxels voxels that would be in the mask if its threshold asked for a third of the odds; at least {@code maskVoxels}
 * @param softVolumeMl sum of mask probabilities times voxel volume, mL; has a floor and is no measurement
 */
public record SliceJudgement(
        float probability, byte[] maskBits, int maskVoxels, int sureVoxels, int possibleVoxels, float softVolumeMl) {}
