"""What a text is about: commands, opt-outs, the practice's keywords, and a model for everything else.

`classify` decides on this machine alone; `remote.Remote` may ask a configured model about what stays unclear.
"""

from responder.understanding.classifying import classify
from responder.understanding.commands import says_yes
from responder.understanding.understood import Understanding

__all__ = ["Understanding", "classify", "says_yes"]
