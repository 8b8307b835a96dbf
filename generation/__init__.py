"""What makes data: builders of task sets."""
