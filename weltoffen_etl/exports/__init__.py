"""What a file is and what stands in it: bytes → grids → an export of a known tool.

`tabular` turns bytes into text grids and knows no tool; it runs in a child process
(`isolation`), because a crafted workbook can take its parser's whole process down.
`recognition` says which tool a grid comes from; one module per tool finds its headings.
"""
