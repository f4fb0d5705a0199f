"""What a file is and what stands in it: bytes → grids → an export of a known tool.

`files` turns bytes into text grids and knows no tool; it runs in a child process
(`isolation`), because a crafted workbook can take its parser's whole process down.
`surveys` and `workshops` hold one module per tool, each with `recognise` and `read`;
`recognition` asks them in turn.
"""
