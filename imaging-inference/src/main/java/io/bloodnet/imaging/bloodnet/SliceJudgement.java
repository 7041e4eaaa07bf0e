package io.bloodnet.imaging.bloodnet;

/**
 * What the network says of one SliceWindow's centre slice.
 *
 * @param probability of hemorrhage, 0 to 1
 * @param maskBits 512 x 512 bits as in {@code Mask.Frame}, set where the mask reaches its threshold; not to be changed
 * @param maskVoxels bits that are set
 * @param softVolumeMl sum of mask probabilities times voxel volume, mL; has a floor and is no measurement
 */
public record SliceJudgement(float probability, byte[] maskBits, int maskVoxels, float softVolumeMl) {}
