"""Maps of plans and incidents: frames in, folium out; nothing is loaded from a network."""
