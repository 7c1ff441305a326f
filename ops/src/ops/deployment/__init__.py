"""What a deployment in containers needs once before it starts: secrets, each where it is used and nowhere else."""
