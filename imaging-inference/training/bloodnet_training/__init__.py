"""Training, evaluation and export of BloodNet, the network inside BloodNet CDS."""

import os

# ONNX Runtime's official builds report each session to their maker unless this is set before they are imported.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
