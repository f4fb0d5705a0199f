"""Grids → workshop exports: the template and one module per board or voting tool."""
