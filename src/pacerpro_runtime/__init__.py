"""PacerPro."""
