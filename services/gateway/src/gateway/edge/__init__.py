"""Where HTTP ends: bodies, addresses, our public URL, the request log. Knows no provider."""
