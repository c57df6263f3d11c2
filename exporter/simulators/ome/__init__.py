"""OME's dialect: what the synthetic fleet looks like through Dell OpenManage Enterprise."""
