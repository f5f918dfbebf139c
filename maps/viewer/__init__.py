"""What the web map is drawn from: frames of plans and columns of incidents in, small plain JSON values out."""
