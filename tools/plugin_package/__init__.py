"""The plugin as one file for `pulumi plugin install resource inference <version> --file …` (docs/decisions/0025)."""
