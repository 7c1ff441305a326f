"""When not to answer, so that two machines never text each other for long.

`machines` recognises texts that no person wrote, `budgets` decides how much one number and all together may get, and
`quotas` keeps count of it across replicas, restarts and repeats.
"""
