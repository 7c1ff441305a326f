"""What can be asked: typed questions over `Database.call`, used by the JSON API and by the page alike."""
