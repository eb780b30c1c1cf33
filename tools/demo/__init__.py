"""The demonstration: a rolling replacement on a simulated GPU cluster, told while it happens (`make demo`)."""
