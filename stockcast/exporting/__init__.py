"""Model ─▶ files that Keras, ONNX runtimes and NumPy open."""
