"""COM's dialect: what the synthetic fleet looks like through HPE Compute Ops Management."""
