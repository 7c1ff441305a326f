"""Getting recordings from the providers that store them: for the transcriber to hear, for the recorder to play."""
