"""What people read: tables at the terminal, workbooks, pages."""
