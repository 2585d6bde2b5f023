"""Numbers: usage, prices, records, estimates, the cost model, VCpD. Sees no text, network or model."""
