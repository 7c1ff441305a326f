"""When the practice is open: weekly hours, holidays, special days, in its own time zone. Pure; the clock is passed in.

`spans` reads what the file says, `holidays` finds yearly days, `calendar` decides which hours a date has, `opening`
turns that into moments. A wall clock that is put forward or back is dealt with in one place: `opening.moment`.
"""
