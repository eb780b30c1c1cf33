"""Rules about what programs declare with pulumi-inference, whichever of its doors they use. One file per rule."""
