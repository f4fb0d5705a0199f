"""What measures, on invented deliveries of any size: ours beside a floor and beside other tools."""
