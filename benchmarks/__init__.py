"""Every figure that README or docs state is measured here: `make bench NAME=switch` and so on."""
