"""The engine on TensorFlow and Keras: with a GPU Keras' own layers, else fused ones."""
