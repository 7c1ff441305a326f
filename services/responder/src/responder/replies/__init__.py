"""What a patient is answered: `choosing` picks the template and fills it, `checking` holds every template to the rules.

The reply says nothing that the practice did not write; no word of the patient's text can get into it.
"""
