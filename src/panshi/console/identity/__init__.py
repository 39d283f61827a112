"""Who may be here and do what: users, roles, organisations, posts, the second factor."""
