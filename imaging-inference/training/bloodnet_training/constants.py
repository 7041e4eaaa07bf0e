"""Numbers that the network, its data and its served graph must agree on."""

#: Slices in one SliceWindow; the middle one is judged, edges are replicated.
WINDOW_SLICES = 5
#: Slices on each side of the judged one.
WINDOW_RADIUS = WINDOW_SLICES // 2

#: Rows and columns of a slice as the served graph receives it.
SERVED_SIDE = 512
#: Rows and columns that are painted on, and that most training works on: each working pixel is the mean of 2x2 windowed served
#: pixels. Finetuned networks see every served pixel (`grid.py`).
WORKING_SIDE = 256
#: Served pixels along one side of a working pixel.
SERVED_PER_WORKING = SERVED_SIDE // WORKING_SIDE
#: Working pixels along one side of a mask pixel: the decoder ends at half the working resolution.
WORKING_PER_MASK = 2

#: The standard brain window, level 40 width 80.
WINDOW_LOW_HU = 0.0
WINDOW_HIGH_HU = 80.0
#: What is denser than the window is squeezed up to here, see `window.py`.
DENSE_HIGH_HU = 380.0
DENSE_SQUEEZE = 15.0
#: The largest windowed HU.
WINDOWED_HIGH_HU = WINDOW_HIGH_HU + (DENSE_HIGH_HU - WINDOW_HIGH_HU) / DENSE_SQUEEZE

#: Thickness of the slices that the network is trained on.
SLICE_MM = 5.0
#: Side of a working pixel in CT-ICH (0.45 mm at 512x512, pooled by two).
WORKING_PIXEL_MM = 0.9
#: Volume of one served voxel in CT-ICH: 0.45 mm x 0.45 mm x 5 mm.
SERVED_VOXEL_ML = 0.45 * 0.45 * SLICE_MM / 1000.0

#: Probability from which a mask pixel counts as blood, and its logit. Masks are learnt with a loss that prefers to draw too little:
#: out of fold, an even chance leaves out a quarter of what experts outlined in CT-ICH, and more in BHSD.
MASK_THRESHOLD = 0.35
MASK_LOGIT = -0.619
