"""Pages: menu, templates, policy of content, language."""
