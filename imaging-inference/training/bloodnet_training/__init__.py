"""Training, evaluation and export of BloodNet, the network inside BloodNet CDS."""
