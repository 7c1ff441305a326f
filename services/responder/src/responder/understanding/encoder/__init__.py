"""The meaning of a text as a point in space: multilingual-e5-small, run on one core in a few milliseconds."""

from responder.understanding.encoder.e5 import SIZE, Encoder, Vectors, encoder

__all__ = ["SIZE", "Encoder", "Vectors", "encoder"]
