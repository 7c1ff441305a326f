"""Who may be texted: `ledger` keeps what numbers want, `lines` what they can, `learning` how we come to know it."""
