"""`frontdesk contracts`: the contracts as files for everybody who does not speak Python."""
