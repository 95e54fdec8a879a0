"""Pure functions from records to figures: draw-down, movements, balance, and what ends when."""
