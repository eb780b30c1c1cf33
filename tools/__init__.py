"""What builds, runs and checks this project: the toolchain, the simulated cluster, the demo."""
