"""Commands about the practice file: is it right, when is the practice open, what would a patient be answered."""
