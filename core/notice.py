"""What every report and every agent says of its numbers."""

NOTICE = "For research, never for patients."
